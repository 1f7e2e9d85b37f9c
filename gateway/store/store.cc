#include "gateway/store/store.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "crypto/crypto_init.h"
#include "gateway/store/books.h"
#include "gateway/store/commit.h"
#include "gateway/store/database.h"
#include "gateway/store/outbox.h"
#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

// How long a checkpoint waits for a reader in its way. The uploader reads for milliseconds; the
// next commit tries again.
constexpr int kCheckpointWaitMs = 50;

std::uint64_t file_bytes(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

}  // namespace

// Destroyed from the end: statements, connection, lock.
struct Store::State {
  StateDirectory lock;
  Database database;
  Outbox outbox;
  BookKeeper keeper;
  StorePages pages;
  std::string path;
  const Clock& clock;
  Books books;
  bool checkpoint_failing = false;  // said once, not at each commit

  // Runs `work` on a copy of the books, as one transaction.
  template <class Work>
  auto transact(Work&& work) -> decltype(work(std::declval<Commit&>())) {
    Commit commit(outbox, keeper, pages, clock, books);
    TRY(database.run("BEGIN IMMEDIATE"));
    auto result = work(commit);
    if (result) {
      const Status on_disk = database.run("COMMIT");
      if (!on_disk) result = tl::unexpected<Error>(on_disk.error());
    }
    if (!result) {
      roll_back();
      return result;
    }
    books = commit.books();
    return result;
  }

  void roll_back() {
    if (!database.in_transaction()) return;  // SQLite has done so itself
    const Status done = database.run("ROLLBACK");
    if (!done) log_error("store_rollback_failed", done.error());
  }

  // The commit is on disk in any case; a WAL that can't be cut now is cut later.
  void checkpoint() {
    database.set_busy_wait_ms(kCheckpointWaitMs);
    const Result<bool> done = database.checkpoint();
    database.set_busy_wait_ms(kBusyWaitMs);
    if (!done && !checkpoint_failing) log_error("store_checkpoint_failed", done.error());
    checkpoint_failing = !done;
  }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() { state_->checkpoint(); }

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, const Clock& clock) {
  TRY(crypto_init());
  TRY(const StorePages pages, StorePages::of(options));
  TRY(StateDirectory lock, StateDirectory::hold(options.directory));
  const std::string path = StateDirectory::database_path(options.directory);
  TRY(Database database, Database::open(path, DatabaseAccess::kReadWrite));
  TRY(prepare_writer(database));
  TRY(database.set_pragma("max_page_count", pages.most));
  TRY(Outbox outbox, Outbox::prepare(database));
  TRY(BookKeeper keeper, BookKeeper::prepare(database));
  TRY(Books books, keeper.load(clock));
  TRY(const Outbox::HeldTotals held, outbox.held_totals());
  books.held_rows = held.rows;
  books.held_bytes = held.bytes;
  books.held_records = held.records;
  auto state =
      std::make_unique<State>(State{std::move(lock), std::move(database), std::move(outbox),
                                    std::move(keeper), pages, path, clock, std::move(books)});
  while (state->books.held_rows > 0) {
    TRY(state->transact([](Commit& commit) { return commit.drop_held(); }));
    if (state->database.wal_pages() > state->pages.wal) state->checkpoint();
  }
  TRY(state->transact([](Commit& commit) { return commit.begin_session(); }));
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Result<CommitSummary> Store::commit(const CommitGroup& group) {
  auto result = state_->transact([&group](Commit& commit) { return commit.apply(group); });
  if (result && state_->database.wal_pages() > state_->pages.wal) state_->checkpoint();
  return result;
}

RowId Store::next_row_id() const { return state_->books.next_id; }
Account Store::account() const { return state_->books.account; }
std::uint64_t Store::held_rows() const { return state_->books.held_rows; }
std::int64_t Store::session() const { return state_->books.session; }

StoreStatus Store::status() const {
  const Books& books = state_->books;
  return {
      books.rows,    books.bytes,     file_bytes(state_->path) + file_bytes(state_->path + "-wal"),
      books.records, books.held_rows, books.held_bytes};
}

Result<std::vector<MissingRecords>> Store::missing(std::string_view purpose,
                                                   std::uint16_t epoch_days,
                                                   std::uint32_t epoch) const {
  const MissingKey key{std::string(purpose), epoch_days, epoch};
  TRY(const MissingRanges ranges, state_->keeper.missing(key));
  std::vector<MissingRecords> records;
  for (MissingRange range : ranges) {
    while (range.count > 0) {  // a RecordRange counts to 2^32
      const std::uint64_t count = std::min<std::uint64_t>(
          range.count, std::numeric_limits<decltype(RecordRange::count)>::max());
      records.push_back({key.purpose, epoch_days, epoch,
                         RecordRange{range.first, static_cast<std::uint32_t>(count)},
                         range.reason});
      range.first += count;
      range.count -= count;
    }
  }
  return records;
}

Result<std::optional<std::string>> Store::state(Literal module, std::string_view key) const {
  return state_->keeper.state(module, key);
}

Result<std::vector<StateEntry>> Store::states(Literal module) const {
  return state_->keeper.states(module);
}

}  // namespace sudare
