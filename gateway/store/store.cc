#include "gateway/store/store.h"

#include <sys/stat.h>

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

// Members are destroyed from the end: statements, connection, lock.
struct Parts {
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

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
  ~SqliteStore() override { parts_->checkpoint(); }

  Result<CommitSummary> commit(const CommitGroup& group) override;
  RowId next_row_id() const override { return parts_->books.next_id; }
  Account account() const override { return parts_->books.account; }
  StoreStatus status() const override;
  std::uint64_t held_rows() const override { return parts_->books.held_rows; }
  Result<std::vector<MissingRecords>> missing(std::string_view purpose, std::uint16_t epoch_days,
                                              std::uint32_t epoch) const override;
  Result<std::optional<std::string>> state(Literal module, std::string_view key) const override {
    return parts_->keeper.state(module, key);
  }
  Result<std::vector<StateEntry>> states(Literal module) const override {
    return parts_->keeper.states(module);
  }
  std::int64_t session() const override { return parts_->books.session; }

 private:
  std::unique_ptr<Parts> parts_;
};

Result<CommitSummary> SqliteStore::commit(const CommitGroup& group) {
  auto result = parts_->transact([&group](Commit& commit) { return commit.apply(group); });
  if (result && parts_->database.wal_pages() > parts_->pages.wal) parts_->checkpoint();
  return result;
}

StoreStatus SqliteStore::status() const {
  const Books& books = parts_->books;
  return {
      books.rows,    books.bytes,     file_bytes(parts_->path) + file_bytes(parts_->path + "-wal"),
      books.records, books.held_rows, books.held_bytes};
}

Result<std::vector<MissingRecords>> SqliteStore::missing(std::string_view purpose,
                                                         std::uint16_t epoch_days,
                                                         std::uint32_t epoch) const {
  const MissingKey key{std::string(purpose), epoch_days, epoch};
  TRY(const MissingRanges ranges, parts_->keeper.missing(key));
  return missing_records(key, ranges);
}

}  // namespace

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
  auto parts =
      std::make_unique<Parts>(Parts{std::move(lock), std::move(database), std::move(outbox),
                                    std::move(keeper), pages, path, clock, std::move(books)});
  while (parts->books.held_rows > 0) {
    TRY(parts->transact([](Commit& commit) { return commit.drop_held(); }));
    if (parts->database.wal_pages() > parts->pages.wal) parts->checkpoint();
  }
  TRY(parts->transact([](Commit& commit) { return commit.begin_session(); }));
  return std::make_unique<SqliteStore>(std::move(parts));
}

}  // namespace sudare
