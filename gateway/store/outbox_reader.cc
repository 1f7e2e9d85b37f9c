#include "gateway/store/outbox_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "crypto/crypto_init.h"
#include "gateway/store/database.h"
#include "gateway/store/journaled_rows.h"
#include "gateway/store/row.h"
#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

// Damaged rows that are remembered until the writer has removed them. Beyond that they are
// reported again, which the writer ignores.
constexpr std::size_t kDamagedMax = 1000;

// Rows of withheld purposes that are remembered, so that each look passes them without reading
// them: clips that wait for another network are thousands. Beyond that they are read again.
constexpr std::size_t kWithheldMax = 10'000;

// Above every rank.
constexpr std::int64_t kRankEnd = 2 * kRankEssential;

// Ends the snapshot at the end of a scope, so that the writer's checkpoints find no reader.
class ReadTransaction {
 public:
  static Result<ReadTransaction> begin(const Database& database, Statement& begin, Statement& end) {
    // One that could not be begun or ended would be in the way for ever.
    if (database.in_transaction()) {
      TRY(end.run());
    }
    TRY(begin.run());
    return ReadTransaction(end);
  }
  ~ReadTransaction() {
    if (end_ == nullptr) return;
    const Status ended = end_->run();
    static_cast<void>(ended);  // a read leaves nothing to lose; the next one tries again
  }
  ReadTransaction(ReadTransaction&& other) noexcept : end_(std::exchange(other.end_, nullptr)) {}
  ReadTransaction& operator=(ReadTransaction&&) = delete;

 private:
  explicit ReadTransaction(Statement& end) : end_(&end) {}
  Statement* end_;
};

}  // namespace

struct OutboxReader::State {
  State(Database connection, std::int64_t of_session, const Clock& the_clock,
        const JournaledRows* the_journaled)
      : database(std::move(connection)),
        session(of_session),
        clock(the_clock),
        journaled(the_journaled) {}

  Database database;
  std::int64_t session;
  const Clock& clock;
  const JournaledRows* journaled;
  Statement begin;
  Statement end;
  Statement meta;
  Statement rank_below;
  Statement live;
  Statement backlog;
  Statement head;
  Statement bytes;
  Statement next_ready;
  std::int64_t offset_ms = 0;         // store time minus monotonic time, as last seen
  std::int64_t looked_ms = 0;         // store time of the last look
  std::vector<RowId> damaged;         // to be taken
  std::vector<RowId> known_damaged;   // sorted; not read again
  std::vector<std::string> withheld;  // of the last look
  std::vector<RowId> known_withheld;  // sorted; rows of these purposes

  struct Session {
    RowId first_id = 0;
    std::int64_t store_ms = 0;
  };
  // What one call of ready() works on.
  struct Request {
    std::vector<RowId> skip;  // sorted
    std::size_t rows_max = 0;
    std::size_t bytes_max = 0;
    std::vector<JournaledRow> journaled;  // the most urgent first
    std::vector<OutboxRow> rows;
    std::size_t bytes = 0;
    bool full = false;
  };

  Status prepare();
  Result<Session> read_session();
  Result<std::optional<std::int64_t>> next_rank(std::int64_t below);
  void look_at_journal(Request& request);
  void take_journaled(std::int64_t rank, Request& request);
  Status take_rank(const Session& now, std::int64_t rank, Request& request);
  Status take_from(Statement& keys, Request& request);
  Status take(RowKey key, Request& request);
  void remember_withheld(RowId id);
  void remember_damaged(RowId id);
  Result<std::optional<std::int64_t>> next_ready_ms();
};

Status OutboxReader::State::prepare() {
  TRY(begin, Statement::prepare(database, "BEGIN"));
  TRY(end, Statement::prepare(database, "COMMIT"));
  TRY(meta, Statement::prepare(database,
                               "SELECT session, session_first_id, session_store_ms, offset_ms"
                               " FROM meta WHERE one = 1"));
  TRY(rank_below, Statement::prepare(database,
                                     "SELECT rank FROM outbox INDEXED BY outbox_ready"
                                     " WHERE fragment = 0 AND rank < ?"
                                     " ORDER BY rank DESC LIMIT 1"));
  TRY(live, Statement::prepare(database,
                               "SELECT key FROM outbox INDEXED BY outbox_ready"
                               " WHERE fragment = 0 AND rank = ? AND ready_ms BETWEEN ? AND ?"
                               " AND key >= ? AND key NOT IN held ORDER BY ready_ms, key"));
  TRY(backlog, Statement::prepare(database,
                                  "SELECT key FROM outbox INDEXED BY outbox_ready"
                                  " WHERE fragment = 0 AND rank = ? AND ready_ms <= ?"
                                  " AND key < ? AND key NOT IN held ORDER BY ready_ms, key"));
  TRY(head, Statement::prepare(database,
                               "SELECT purpose, shard, size, checksum,"
                               " (SELECT key FROM outbox AS same INDEXED BY outbox_id"
                               "  WHERE same.id = outbox.id) FROM outbox WHERE key = ?"));
  TRY(bytes, Statement::prepare(database, "SELECT bytes FROM outbox WHERE key = ?"));
  TRY(next_ready, Statement::prepare(database,
                                     "SELECT ready_ms FROM outbox INDEXED BY outbox_ready"
                                     " WHERE fragment = 0 AND rank = ? AND ready_ms > ?"
                                     " ORDER BY ready_ms LIMIT 1"));
  return Done{};
}

Result<OutboxReader::State::Session> OutboxReader::State::read_session() {
  const StatementScope done(meta);
  TRY(const bool found, meta.step());
  if (!found || meta.number(0) != session) {
    return fail(ErrorCode::kRefused, "outbox reader: the store is in another session");
  }
  offset_ms = meta.number(3);
  return Session{static_cast<RowId>(meta.number(1)), meta.number(2)};
}

Result<std::optional<std::int64_t>> OutboxReader::State::next_rank(std::int64_t below) {
  const StatementScope done(rank_below);
  TRY(const bool found, rank_below.bind(1, below).step());
  if (!found) return std::nullopt;
  return rank_below.number(0);
}

// Rows of this session can't be ready before it began, so the index skips the backlog. The walk
// over the backlog passes the session's rows only after all of them are taken or outstanding.
Status OutboxReader::State::take_rank(const Session& now, std::int64_t rank, Request& request) {
  const RowKey session_first_key = key_of(rank, now.first_id);
  live.bind(1, rank).bind(2, now.store_ms).bind(3, looked_ms);
  live.bind(4, session_first_key);
  TRY(take_from(live, request));
  take_journaled(rank, request);
  if (request.full) return Done{};
  backlog.bind(1, rank).bind(2, looked_ms).bind(3, session_first_key);
  return take_from(backlog, request);
}

// Before the snapshot of the tables: a row that moves from the one to the other meanwhile is seen
// twice, not missed, and the second time skipped.
void OutboxReader::State::look_at_journal(Request& request) {
  if (journaled == nullptr || request.full) return;
  const auto wanted = [&](const SealedMeta& meta) {
    return !std::binary_search(request.skip.begin(), request.skip.end(), meta.id) &&
           std::find(withheld.begin(), withheld.end(), meta.purpose) == withheld.end();
  };
  request.journaled = journaled->ready(looked_ms, request.rows_max, request.bytes_max, wanted);
  for (const JournaledRow& row : request.journaled) request.skip.push_back(row.meta.id);
  std::sort(request.skip.begin(), request.skip.end());
}

void OutboxReader::State::take_journaled(std::int64_t rank, Request& request) {
  for (JournaledRow& from : request.journaled) {
    if (request.full) return;
    if (rank_of(from.meta.essential, from.meta.priority) != rank) continue;
    if (!request.rows.empty() && request.bytes + from.bytes.size() > request.bytes_max) {
      request.full = true;
      return;
    }
    OutboxRow row;
    row.id = from.meta.id;
    row.purpose = from.meta.purpose;
    row.shard = from.meta.shard;
    row.priority = from.meta.priority;
    row.bytes = std::move(from.bytes);
    request.bytes += row.bytes.size();
    request.rows.push_back(std::move(row));
    request.full = request.rows.size() >= request.rows_max || request.bytes >= request.bytes_max;
  }
}

Status OutboxReader::State::take_from(Statement& keys, Request& request) {
  const StatementScope done(keys);
  while (!request.full) {
    TRY(const bool found, keys.step());
    if (!found) break;
    const RowKey key = keys.number(0);
    const RowId id = id_of(key);
    if (std::binary_search(request.skip.begin(), request.skip.end(), id)) continue;
    if (std::binary_search(known_damaged.begin(), known_damaged.end(), id)) continue;
    if (std::binary_search(known_withheld.begin(), known_withheld.end(), id)) continue;
    TRY(take(key, request));
  }
  return Done{};
}

Status OutboxReader::State::take(RowKey key, Request& request) {
  const StatementScope head_done(head);
  const StatementScope bytes_done(bytes);
  TRY(const bool found, head.bind(1, key).step());
  if (!found) return Done{};
  if (std::find(withheld.begin(), withheld.end(), head.text(0)) != withheld.end()) {
    remember_withheld(id_of(key));
    return Done{};
  }
  // One that the writer does not find under its id could not be deleted, and would be sent for
  // ever.
  if (head.number(4) != key) {
    remember_damaged(id_of(key));
    return Done{};
  }
  const auto size = static_cast<std::size_t>(head.number(2));
  if (!request.rows.empty() && request.bytes + size > request.bytes_max) {
    request.full = true;
    return Done{};
  }
  OutboxRow row;
  row.id = id_of(key);
  row.purpose = head.text(0);
  row.shard = static_cast<std::uint8_t>(head.number(1));
  row.essential = rank_of_key(key) >= kRankEssential;
  row.priority = static_cast<std::uint8_t>(rank_of_key(key) % kRankEssential);
  const Result<bool> read = bytes.bind(1, key).step();
  // A torn page within a row's own chain is that row's damage, not the file's.
  const bool torn = !read && read.error().code == ErrorCode::kMalformed;
  if (!read && !torn) return tl::unexpected<Error>(read.error());
  if (!torn) row.bytes = bytes.bytes(0);
  const RowChecksum checksum = checksum_of(row.id, row.shard, row.purpose, row.bytes);
  if (torn || head.bytes(3) != std::string_view(checksum.data(), checksum.size())) {
    remember_damaged(row.id);
    return Done{};
  }
  request.bytes += row.bytes.size();
  request.rows.push_back(std::move(row));
  request.full = request.rows.size() >= request.rows_max || request.bytes >= request.bytes_max;
  return Done{};
}

void OutboxReader::State::remember_withheld(RowId id) {
  if (known_withheld.size() >= kWithheldMax) known_withheld.clear();
  known_withheld.insert(std::upper_bound(known_withheld.begin(), known_withheld.end(), id), id);
}

void OutboxReader::State::remember_damaged(RowId id) {
  if (known_damaged.size() >= kDamagedMax) {
    known_damaged.clear();
    damaged.clear();
  }
  known_damaged.insert(std::upper_bound(known_damaged.begin(), known_damaged.end(), id), id);
  damaged.push_back(id);
}

Result<std::optional<std::int64_t>> OutboxReader::State::next_ready_ms() {
  std::optional<std::int64_t> soonest_ms;
  std::int64_t below = kRankEnd;
  while (true) {
    TRY(const auto rank, next_rank(below));
    if (!rank) return soonest_ms;
    below = *rank;
    const StatementScope done(next_ready);
    TRY(const bool found, next_ready.bind(1, *rank).bind(2, looked_ms).step());
    // Where the index is damaged, what it calls later need not be a number: not a time to wait for.
    if (!found || next_ready.number(0) <= looked_ms) continue;
    if (!soonest_ms || next_ready.number(0) < *soonest_ms) soonest_ms = next_ready.number(0);
  }
}

OutboxReader::OutboxReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
OutboxReader::~OutboxReader() = default;

Result<std::unique_ptr<OutboxReader>> OutboxReader::open(const std::string& directory,
                                                         std::int64_t session, const Clock& clock,
                                                         const JournaledRows* journaled,
                                                         const Disk& disk) {
  TRY(crypto_init());
  TRY(Database database, Database::open(StateDirectory::database_path(directory),
                                        DatabaseAccess::kReadOnly, disk.sqlite_vfs()));
  TRY(prepare_reader(database));
  auto state = std::make_unique<State>(std::move(database), session, clock, journaled);
  TRY(state->prepare());
  TRY(state->read_session());
  return std::unique_ptr<OutboxReader>(new OutboxReader(std::move(state)));
}

Result<std::vector<OutboxRow>> OutboxReader::ready(const std::vector<RowId>& outstanding,
                                                   std::size_t rows_max, std::size_t bytes_max,
                                                   const std::vector<std::string>& withheld) {
  if (withheld != state_->withheld) {
    state_->withheld = withheld;
    state_->known_withheld.clear();
  }
  State::Request request;
  request.skip = outstanding;
  request.rows_max = rows_max;
  request.bytes_max = bytes_max;
  request.full = rows_max == 0;
  std::sort(request.skip.begin(), request.skip.end());
  TRY(state_->read_session());  // store time may have jumped since the last look
  state_->looked_ms = state_->clock.monotonic_ms() + state_->offset_ms;
  state_->look_at_journal(request);
  TRY(const ReadTransaction transaction,
      ReadTransaction::begin(state_->database, state_->begin, state_->end));
  TRY(const State::Session session, state_->read_session());
  std::int64_t below = kRankEnd;
  while (!request.full) {
    TRY(auto rank, state_->next_rank(below));
    for (const JournaledRow& row : request.journaled) {
      const std::int64_t other = rank_of(row.meta.essential, row.meta.priority);
      if (other < below && (!rank || other > *rank)) rank = other;
    }
    if (!rank) break;
    below = *rank;
    TRY(state_->take_rank(session, below, request));
  }
  return std::move(request.rows);
}

Result<std::int64_t> OutboxReader::next_ready_in_ms() {
  // The journal first: see look_at_journal().
  std::optional<std::int64_t> next_ms;
  if (state_->journaled != nullptr) {
    next_ms = state_->journaled->next_ready_ms(state_->looked_ms);
  }
  TRY(const ReadTransaction transaction,
      ReadTransaction::begin(state_->database, state_->begin, state_->end));
  TRY(state_->read_session());
  TRY(const auto stored_ms, state_->next_ready_ms());
  if (stored_ms && (!next_ms || *stored_ms < *next_ms)) next_ms = stored_ms;
  if (!next_ms) return -1;
  // Counted from the last look, not from now: one whose time came since then was not handed out.
  const std::int64_t now_ms = state_->clock.monotonic_ms() + state_->offset_ms;
  return std::max<std::int64_t>(*next_ms - now_ms, 0);
}

std::vector<RowId> OutboxReader::take_damaged() { return std::exchange(state_->damaged, {}); }

}  // namespace sudare
