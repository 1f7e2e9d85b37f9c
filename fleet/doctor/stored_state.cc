#include "fleet/doctor/stored_state.h"

#include <filesystem>

#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"

namespace sudare::doctor {
namespace {

// SQLite may read beside a writer where the index of the writer's log is there. Without it, the
// log has been written back, or a gateway was killed.
Result<DatabaseAccess> access_to(const std::string& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error || bytes == 0) return fail(ErrorCode::kNotFound, "store: there is none");
  if (std::filesystem::exists(file + "-shm", error)) return DatabaseAccess::kBeside;
  const auto log = std::filesystem::file_size(file + "-wal", error);
  if (!error && log > 0) {
    return fail(ErrorCode::kUnavailable, "store: its log waits for the gateway's next start");
  }
  return DatabaseAccess::kUnused;
}

}  // namespace

Result<std::unique_ptr<StoredState>> StoredState::open(const std::string& directory) {
  const std::string file = StateDirectory::database_path(directory);
  TRY(const DatabaseAccess access, access_to(file));
  TRY(Database database, Database::open(file, access));
  std::unique_ptr<StoredState> state(new StoredState(std::move(database)));
  TRY(const std::int64_t written, state->database_.read_number("PRAGMA user_version"));
  TRY(state->version_, readable_version(written));
  TRY(state->database_.read_number("SELECT count(*) FROM state"));
  return state;
}

Result<CommitSummary> StoredState::commit(const CommitGroup& /*group*/) {
  return fail(ErrorCode::kRefused, "store: it is only looked at");
}

Result<std::vector<MissingRecords>> StoredState::missing(std::string_view /*purpose*/,
                                                         std::uint16_t /*epoch_days*/,
                                                         std::uint32_t /*epoch*/) const {
  return std::vector<MissingRecords>{};
}

Result<std::optional<std::string>> StoredState::state(Literal module, std::string_view key) const {
  TRY(Statement statement,
      Statement::prepare(database_, "SELECT value FROM state WHERE module = ? AND key = ?"));
  statement.bind(1, module.view()).bind(2, key);
  TRY(const bool found, statement.step());
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(statement.bytes(0));
}

Result<std::vector<StateEntry>> StoredState::states(Literal module) const {
  TRY(Statement statement,
      Statement::prepare(database_, "SELECT key, value FROM state WHERE module = ?"));
  statement.bind(1, module.view());
  std::vector<StateEntry> entries;
  for (;;) {
    TRY(const bool more, statement.step());
    if (!more) return entries;
    entries.push_back({module, std::string(statement.text(0)), std::string(statement.bytes(1))});
  }
}

}  // namespace sudare::doctor
