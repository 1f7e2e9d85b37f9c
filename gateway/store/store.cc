#include "gateway/store/store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "crypto/crypto_init.h"
#include "gateway/store/books.h"
#include "gateway/store/commit.h"
#include "gateway/store/database.h"
#include "gateway/store/journal.h"
#include "gateway/store/journal_entry.h"
#include "gateway/store/journaled_rows.h"
#include "gateway/store/outbox.h"
#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

// How long a checkpoint waits for a reader in its way. The uploader reads for milliseconds; the
// next commit tries again.
constexpr int kCheckpointWaitMs = 50;

// Entries stay no longer in the journal: what expires, and what a restart must play back, stays
// within bounds also where a car sends little.
constexpr std::int64_t kJournaledMsMax = 600'000;

// Whether outbox.db has taken in something whose former content must not be found on the disk.
bool leaves_what_must_go(const CommitGroup& group) {
  return !group.withdrawn.empty() ||
         std::any_of(group.state.begin(), group.state.end(), [](const StateEntry& entry) {
           return entry.module.view() == kChainsModule.view();
         });
}

// Members are destroyed from the end: statements, connection, lock.
struct Parts {
  Parts(StateDirectory held, Database connection, Outbox the_outbox, BookKeeper the_keeper,
        const StorePages& the_pages, const StoreOptions& options, const Clock& the_clock,
        Books the_books)
      : disk(*options.disk),
        lock(std::move(held)),
        database(std::move(connection)),
        outbox(std::move(the_outbox)),
        keeper(std::move(the_keeper)),
        pages(the_pages),
        path(StateDirectory::database_path(options.directory)),
        clock(the_clock),
        books(std::move(the_books)),
        stored(books) {}

  Disk& disk;
  StateDirectory lock;
  Database database;
  Outbox outbox;
  BookKeeper keeper;
  StorePages pages;
  std::string path;
  const Clock& clock;
  Books books;   // the journal included
  Books stored;  // without it: as outbox.db has them
  std::optional<Journal> journal;
  JournaledRows rows;              // of the journal …
  JournaledStates states;          // … and what else it holds
  std::int64_t journaled_ms = -1;  // when the first entry came, monotonic; -1: none
  // A COMMIT failed, and its frames may be valid in the WAL all the same until the next one
  // overwrites them: nothing goes to the journal that they would contradict after a power cut.
  bool commit_uncertain = false;
  bool checkpoint_failing = false;  // said once, not at each commit
  // The WAL holds what must not be found on the disk: a chain that has stepped on, say.
  bool must_wipe = false;
  bool mended = false;

  // Runs `work` on a copy of the books, as one transaction, after what the journal holds. `group`
  // is what `work` applies; empty where it is something else.
  template <class Work>
  auto transact(const CommitGroup& group, Work&& work) -> decltype(work(std::declval<Commit&>())) {
    auto result = transact_once(group, work);
    const bool damaged = !result && result.error().code == ErrorCode::kMalformed;
    if (!damaged || !mend_indices()) return result;
    return transact_once(group, work);
  }

  // An index that disagrees with its table would stop every commit. Once: what it does not mend is
  // not in an index.
  bool mend_indices() {
    if (mended) return false;
    mended = true;
    roll_back();  // else what it mends would go with what failed
    const Status done = database.run("REINDEX");
    if (!done) log_error("store_not_mended", done.error());
    else log_event(LogLevel::kError, "store_indices_mended");
    return done.has_value();
  }

  template <class Work>
  auto transact_once(const CommitGroup& group, Work& work)
      -> decltype(work(std::declval<Commit&>())) {
    Commit commit(outbox, keeper, pages, clock, books, stored.account);
    auto result = in_transaction(commit, [&] {
      const Status taken = commit.take_journaled(rows, states, group);
      return taken ? work(commit) : decltype(work(commit))(tl::unexpected<Error>(taken.error()));
    });
    if (!result) return result;
    books = stored = commit.books();
    states.clear();
    rows.clear();
    journaled_ms = -1;
    if (journal) journal->restart();
    return result;
  }

  template <class Work>
  auto in_transaction(Commit& commit, Work&& work) -> decltype(work()) {
    roll_back();  // one that could not be rolled back would be in the way for ever
    TRY(database.run("BEGIN IMMEDIATE"));
    auto result = work();
    if (result) {
      Status done = commit.save();
      if (done) {
        done = database.run("COMMIT");
        commit_uncertain = !done;
      }
      if (!done) result = tl::unexpected<Error>(done.error());
    }
    if (!result) roll_back();
    return result;
  }

  // Rows of outbox.db that the cloud has: the journal stays as it is. Else each row would follow
  // the one before it into outbox.db, to be deleted from there with the next.
  Status delete_stored(const std::vector<RowId>& delivered) {
    CommitGroup group;
    group.delivered = delivered;
    const Account before = stored.account;
    Commit commit(outbox, keeper, pages, clock, stored, before);
    TRY(in_transaction(commit, [&] { return commit.apply(group); }));
    books.follow(stored, commit.books());
    stored = commit.books();
    return Done{};
  }

  // One that is there is read also where none is wanted: it may hold what was acknowledged.
  Status open_journal(const StoreOptions& options) {
    const bool exists = disk.bytes(StateDirectory::journal_path(options.directory)) > 0;
    if (options.journal_bytes == 0 && !exists) return Done{};
    TRY(Journal opened, Journal::open(options.directory, options.journal_bytes, disk));
    journal.emplace(std::move(opened));
    return play_back();
  }

  // Once outbox.db holds everything: the file of a greater quota, or where none is wanted.
  Status fit_journal(std::uint64_t bytes) {
    if (!journal) return Done{};
    TRY(journal->shorten(bytes));
    if (bytes == 0) journal.reset();
    return Done{};
  }

  // False: it is one for outbox.db.
  Result<bool> to_journal(const CommitGroup& group) {
    if (!journal || commit_uncertain) return false;
    const std::int64_t now_ms = clock.monotonic_ms();
    if (journaled_ms >= 0 && now_ms - journaled_ms >= kJournaledMsMax) return false;
    std::vector<RowId> of_database;
    const auto entry = journal_entry_of(group, books, rows, clock, of_database);
    if (!entry || !journal->has_room(entry->ByteSizeLong())) return false;
    if (!of_database.empty()) {
      const Status deleted = delete_stored(of_database);
      if (!deleted && deleted.error().code == ErrorCode::kMalformed) return false;  // to be mended
      if (!deleted) return tl::unexpected<Error>(deleted.error());
    }
    if (entry->rows().empty() && entry->account().empty() && entry->delivered().empty() &&
        entry->states().empty()) {
      return true;
    }
    if (const Status done = journal->append(*entry); !done) {
      // Whether it is on disk is not known: outbox.db will count it as held, and nothing more goes
      // there.
      give_up_journal(done.error());
      ++books.journal_sequence;
      return false;
    }
    TRY(play(*entry, books, rows, states));
    if (journaled_ms < 0) journaled_ms = now_ms;
    return true;
  }

  void give_up_journal(const Error& error) {
    log_error("store_journal_given_up", error);
    journal.reset();
  }

  void erase_journal() {
    if (!journal) return;
    if (const Status done = journal->erase(); !done) give_up_journal(done.error());
  }

  // At the start: entries that outbox.db does not hold.
  Status play_back() {
    std::uint64_t damaged = 0;
    TRY(const auto entries, journal->read_after(books.store_id, books.journal_sequence, damaged));
    for (const v1::JournalEntry& entry : entries) {
      const Status played = play(entry, books, rows, states);
      if (!played) ++damaged;
      else books.time.raise_to(entry.store_ms(), clock.monotonic_ms());
    }
    if (damaged > 0) log_event(LogLevel::kError, "store_journal_damaged", {{"entries", damaged}});
    return Done{};
  }

  void roll_back() {
    if (!database.in_transaction()) return;  // SQLite has done so itself
    const Status done = database.run("ROLLBACK");
    if (!done) log_error("store_rollback_failed", done.error());
  }

  // After a commit. Where nothing must go, the WAL keeps its blocks, which are written over.
  void checkpoint_if_due() {
    if (must_wipe || database.wal_pages() > pages.wal) checkpoint();
  }

  // The commit is on disk in any case; what can't be done now is done after the next one.
  void checkpoint() {
    database.set_busy_wait_ms(kCheckpointWaitMs);
    const Result<bool> done =
        database.checkpoint(must_wipe ? Checkpoint::kWipe : Checkpoint::kReuse);
    database.set_busy_wait_ms(kBusyWaitMs);
    if (done && *done) must_wipe = false;
    if (!done && !checkpoint_failing) log_error("store_checkpoint_failed", done.error());
    checkpoint_failing = !done;
  }
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
  ~SqliteStore() override;

  Result<CommitSummary> commit(const CommitGroup& group) override;
  RowId next_row_id() const override { return parts_->books.next_id; }
  Account account() const override { return parts_->books.account; }
  StoreStatus status() const override;
  std::uint64_t held_rows() const override { return parts_->books.held_rows; }
  Result<std::vector<MissingRecords>> missing(std::string_view purpose, std::uint16_t epoch_days,
                                              std::uint32_t epoch) const override;
  Result<std::optional<std::string>> state(Literal module, std::string_view key) const override;
  Result<std::vector<StateEntry>> states(Literal module) const override;
  const JournaledRows* journaled() const override { return &parts_->rows; }
  std::int64_t session() const override { return parts_->books.session; }

 private:
  std::unique_ptr<Parts> parts_;
};

// At the end of a session nothing is left in the journal: a unit that is switched off in order has
// one file that says what waits in it.
SqliteStore::~SqliteStore() {
  if (parts_->journal && parts_->journal->used_bytes() > 0) {
    const auto done = parts_->transact({}, [](Commit& commit) { return commit.apply({}); });
    if (done) parts_->erase_journal();
    else log_error("store_close_failed", done.error());  // played back at the next start
  }
  parts_->must_wipe = true;
  parts_->checkpoint();
}

Result<CommitSummary> SqliteStore::commit(const CommitGroup& group) {
  TRY(const bool journaled, parts_->to_journal(group));
  // Deletions of delivered rows have gone through the WAL all the same.
  if (journaled) parts_->checkpoint_if_due();
  if (journaled) return CommitSummary{};
  auto result = parts_->transact(group, [&group](Commit& commit) { return commit.apply(group); });
  if (result && !group.withdrawn.empty()) parts_->erase_journal();
  if (result && leaves_what_must_go(group)) parts_->must_wipe = true;
  if (result) parts_->checkpoint_if_due();
  return result;
}

Result<std::optional<std::string>> SqliteStore::state(Literal module, std::string_view key) const {
  const auto journaled = parts_->states.find({std::string(module.view()), std::string(key)});
  if (journaled != parts_->states.end()) return journaled->second;
  return parts_->keeper.state(module, key);
}

Result<std::vector<StateEntry>> SqliteStore::states(Literal module) const {
  TRY(std::vector<StateEntry> entries, parts_->keeper.states(module));
  for (const auto& [name, value] : parts_->states) {
    if (name.first != module.view()) continue;
    const auto same =
        std::find_if(entries.begin(), entries.end(),
                     [&key = name.second](const StateEntry& one) { return one.key == key; });
    if (same != entries.end()) same->value = value;
    else entries.push_back({module, name.second, value});
  }
  return entries;
}

StoreStatus SqliteStore::status() const {
  const Books& books = parts_->books;
  StoreStatus status;
  status.rows = books.rows;
  status.bytes = books.bytes;
  status.file_bytes = parts_->disk.bytes(parts_->path) + parts_->disk.bytes(parts_->path + "-wal");
  if (parts_->journal) status.file_bytes += parts_->journal->bytes();
  status.records = books.records;
  status.held_rows = books.held_rows;
  status.held_bytes = books.held_bytes;
  return status;
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
  TRY(StateDirectory lock, StateDirectory::hold(options.directory, *options.disk, options.create));
  TRY(StateDirectory::secure_log(options.directory, *options.disk));
  if (const Status done = StateDirectory::wipe_next_owner(options.directory, *options.disk);
      !done) {
    log_error("store_transfer_not_wiped", done.error());  // the next start tries again
  }
  const std::string path = StateDirectory::database_path(options.directory);
  const bool log_was_left = options.disk->bytes(path + "-wal") > 0;
  TRY(Database database,
      Database::open(path, DatabaseAccess::kReadWrite, options.disk->sqlite_vfs()));
  TRY(prepare_writer(database));
  // Of one that a long commit, or a reader in the way, has let grow. The next commit cuts it.
  TRY(database.set_pragma("journal_size_limit", pages.wal * kFrameBytes));
  TRY(database.set_pragma("max_page_count", pages.most));
  TRY(Outbox outbox, Outbox::prepare(database));
  TRY(BookKeeper keeper, BookKeeper::prepare(database));
  TRY(Books books, keeper.load(clock));
  TRY(const Outbox::HeldTotals held, outbox.held_totals());
  books.held_rows = held.rows;
  books.held_bytes = held.bytes;
  books.held_records = held.records;
  TRY(const std::vector<StateEntry> reports, keeper.states(kReportsModule));
  books.carriers = reports.size();
  auto parts = std::make_unique<Parts>(std::move(lock), std::move(database), std::move(outbox),
                                       std::move(keeper), pages, options, clock, std::move(books));
  TRY(parts->open_journal(options));
  // Also where they were there: who made them, here or in SQLite, may have been killed before it
  // was sure of their names, and what is committed to a file without a name is gone. Before the
  // first checkpoint: without its log, an outbox.db that was half written is none.
  TRY(StateDirectory::sync(options.directory, *options.disk));
  while (parts->books.held_rows > 0) {
    TRY(parts->transact({}, [](Commit& commit) { return commit.drop_held(); }));
    parts->checkpoint_if_due();
  }
  TRY(parts->transact({}, [](Commit& commit) { return commit.begin_session(); }));
  // What a session that was cut short has left in it is not known.
  parts->must_wipe = log_was_left;
  parts->checkpoint_if_due();
  TRY(parts->fit_journal(options.journal_bytes));
  return std::make_unique<SqliteStore>(std::move(parts));
}

}  // namespace sudare
