// Any statement of SQLite's may fail: for want of memory, a bad sector, a bug. Whichever it is, a
// commit happens as a whole or not at all, a start that fails leaves everything to the next one,
// and the reader hands out everything later.
#include "gateway/store/database.h"
#include "tests/faults/disk/contents.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/faults/disk/groups.h"
#include "tests/unit/store/statement_faults.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

constexpr std::uint64_t kSeed = 7;

// Every step at first, then ever fewer of what may be thousands.
std::uint64_t next_step(std::uint64_t step) { return step + 1 + step / 16; }

class StoreStatements : public StoreTest {
 protected:
  ~StoreStatements() override { switch_off(); }

  void use_new_disk() {
    switch_off();
    disk_ = std::make_unique<faults::FakeDisk>(kSeed);
    options_ = {"/car/state", kQuotaBytesMin, kQuotaBytesMin / 8, 0, disk_.get()};
  }
  Result<std::unique_ptr<Store>> start() {
    clock_.set_monotonic_ms(500);
    return Store::open(options_, clock_);
  }
  void kill() {
    disk_->stop();
    switch_off();
    disk_->start_after_kill();
  }
  [[nodiscard]] faults::Contents contents() const {
    const auto found = faults::contents_of(*store_, options_);
    EXPECT_TRUE(found);
    return found ? *found : faults::Contents{};
  }

  // Fails the group's commit at one statement after the other until it meets none that fails.
  void commit_in_spite_of_faults(const CommitGroup& group) {
    const faults::Contents before = contents();
    for (std::uint64_t step = dice_.between(1, 8);; step = next_step(step)) {
      faults_.interrupt_in(step);
      const auto done = store_->commit(group);
      const bool failed = faults_.happened();
      faults_.none();
      if (done) break;
      ASSERT_TRUE(failed) << done.error().what.view();
      ASSERT_EQ(faults::difference(before, contents()), "") << "failed in step " << step;
    }
    ASSERT_EQ(faults::difference(faults::applied(before, group), contents()), "");
  }
  Result<std::unique_ptr<OutboxReader>> open_reader() {
    return OutboxReader::open(options_.directory, store_->session(), clock_, store_->journaled(),
                              *disk_);
  }
  // Past the store.
  Status run(Literal sql) {
    TRY(Database database, Database::open(options_.directory + "/outbox.db",
                                          DatabaseAccess::kReadWrite, disk_->sqlite_vfs()));
    return database.run(sql);
  }
  CommitGroup a_held_row() {
    const Sealed row = sealed({.purpose = "clips", .priority = 0});
    SealedMeta meta = row.meta();
    meta.held = true;
    CommitGroup group;
    group.add.push_back(Sealed(SealStage::passkey(), meta, row.bytes()));
    return group;
  }
  CommitGroup one(const RowSpec& spec) {
    std::vector<Sealed> rows;
    rows.push_back(sealed(spec));
    return group(std::move(rows));
  }
  CommitGroup a_report(std::size_t bytes) {
    CommitGroup report = one({.bytes = bytes});
    report.reported = missing("traffic");
    EXPECT_FALSE(report.reported.empty());
    return report;
  }
  // A store with rows of all kinds, a clip that is not whole, and a journal where there is one.
  void fill(int commits) {
    for (int i = 0; i < commits; ++i) {
      clock_.advance_ms(static_cast<std::int64_t>(dice_.below(400'000)));
      static_cast<void>(store_->commit(groups_.next(contents())));
    }
  }

  StatementFaults faults_;
  faults::Dice dice_{kSeed};
  faults::Groups groups_{dice_};
  std::unique_ptr<faults::FakeDisk> disk_;
};

TEST_F(StoreStatements, ACommitHappensAsAWholeOrNotAtAll) {
  for (const std::uint64_t journal_bytes : {std::uint64_t{0}, journal_bytes_for(kQuotaBytesMin)}) {
    use_new_disk();
    options_.journal_bytes = journal_bytes;
    open();
    for (int i = 0; i < 60; ++i) {
      fill(6);
      if (dice_.once_in(5)) clock_.advance_ms(3 * 3'600'000);  // rows expire
      commit_in_spite_of_faults(groups_.next(contents()));
      if (HasFatalFailure()) FAIL() << "seed " << kSeed << ", commit " << i;
    }
  }
}

// With a clip that is not whole, and a batch that carries a report.
TEST_F(StoreStatements, RowsAreEvictedAsAWholeOrNotAtAll) {
  use_new_disk();
  options_.journal_bytes = journal_bytes_for(kQuotaBytesMin);
  open();
  commit(a_held_row());
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  commit_in_spite_of_faults(a_report(10'000));
  while (count("traffic", Fate::kEvicted) == 0) queue({.bytes = 140'000});
  commit_in_spite_of_faults(one({.purpose = "high", .priority = 5, .bytes = 140'000}));
  commit_in_spite_of_faults(one({.bytes = 2'000'000}));  // larger than the quota
}

TEST_F(StoreStatements, JournaledRowsAreSettledAsAWholeOrNotAtAll) {
  use_new_disk();
  options_.journal_bytes = journal_bytes_for(kQuotaBytesMin);
  open();
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  commit(a_report(10'000));
  commit(a_held_row());
  queue({.purpose = "consented"});
  const RowId delivered_id = queue({});
  CommitGroup settled = one({.essential = true});
  settled.delivered = {delivered_id};
  settled.withdrawn = {"consented"};
  commit_in_spite_of_faults(settled);
  CommitGroup released;
  released.release_held = true;
  released.account.take("clips", Fate::kQueued, Reason::kNone, 1);
  commit_in_spite_of_faults(released);
  CommitGroup delivered;
  reader_ = std::move(*open_reader());
  delivered.delivered = ready_ids();
  EXPECT_EQ(delivered.delivered.size(), 3U);
  commit_in_spite_of_faults(delivered);
}

// One that could not be rolled back was in the way of every later one.
TEST_F(StoreStatements, ATransactionThatCouldNotBeRolledBackIsRolledBackByTheNext) {
  use_new_disk();
  open();
  queue({});
  bool left_open = false;
  for (std::uint64_t step = 1; step < 20; ++step) {
    faults_.interrupt_in(step);
    faults_.deny_in(2);  // to begin is the first question, to roll back the second
    const auto done = store_->commit({});
    faults_.none();
    left_open |= !done;
    queue({});
    ASSERT_EQ(store_->status().rows, step + 1);
  }
  EXPECT_TRUE(left_open);
}

TEST_F(StoreStatements, WhatCannotBeReadIsAnErrorAndNotNothing) {
  use_new_disk();
  open();
  queue({});
  faults_.interrupt_in(1);
  EXPECT_FALSE(store_->state("consent", "traffic"));
  faults_.interrupt_in(1);
  EXPECT_FALSE(store_->states("consent"));
  faults_.interrupt_in(1);
  EXPECT_FALSE(store_->missing("traffic", 28, kEpoch));
}

TEST_F(StoreStatements, AStartThatFailsLeavesEverythingToTheNext) {
  use_new_disk();
  options_.journal_bytes = journal_bytes_for(kQuotaBytesMin);
  open();
  fill(100);
  next_id_ = store_->next_row_id();
  queue({.purpose = "emptied", .priority = 0, .fragment = true, .bytes = 200'000});
  commit(a_held_row());
  const faults::Contents before = contents();
  kill();
  // What a page that rotted, and an evicted fragment, leave to a start.
  ASSERT_TRUE(
      run("UPDATE meta SET records = 9999;"
          " UPDATE outbox SET size = 0, bytes = x'' WHERE purpose = 'emptied'"));
  std::uint64_t failed = 0;
  for (std::uint64_t step = 1;; step = next_step(step)) {
    faults_.interrupt_in(step);
    auto store = start();
    faults_.none();
    if (store) {
      store_ = std::move(*store);
      break;
    }
    ++failed;
  }
  EXPECT_GT(failed, 20U);
  EXPECT_EQ(faults::difference(faults::restarted(before), contents()), "");
}

TEST_F(StoreStatements, AFileThatCouldNotBeMigratedIsMigratedAtTheNextStart) {
  use_new_disk();
  open();
  queue({});
  switch_off();
  ASSERT_TRUE(
      run("DROP TABLE held; ALTER TABLE meta DROP COLUMN journal_sequence;"
          " ALTER TABLE meta DROP COLUMN store_id; PRAGMA user_version = 1"));
  for (std::uint64_t step = 1;; ++step) {
    faults_.interrupt_in(step);
    auto store = start();
    faults_.none();
    if (!store) continue;
    store_ = std::move(*store);
    break;
  }
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreStatements, AFileThatCouldNotBeMadeIsMadeAtTheNextStart) {
  for (std::uint64_t step = 1;; ++step) {
    use_new_disk();
    faults_.interrupt_in(step);
    auto store = start();
    faults_.none();
    if (store) break;
    open();
    queue({});
    EXPECT_EQ(store_->status().rows, 1U) << step;
  }
}

// A file that lacks a table, a column: nothing is done with it, and nothing to it.
TEST_F(StoreStatements, AStatementThatIsRefusedIsAnError) {
  use_new_disk();
  open();
  fill(40);
  const faults::Contents before = contents();
  kill();
  for (std::uint64_t question = 1;; ++question) {
    faults_.deny_in(question);
    auto store = start();
    const bool denied = faults_.happened();
    faults_.none();
    if (store) {
      EXPECT_FALSE(denied);
      store_ = std::move(*store);
      break;
    }
    ASSERT_TRUE(denied);
  }
  EXPECT_EQ(faults::difference(faults::restarted(before), contents()), "");
}

class ReaderStatements : public StoreStatements {
 protected:
  // Rows of an earlier session, of this one and in the journal; some that wait.
  void SetUp() override {
    use_new_disk();
    options_.journal_bytes = journal_bytes_for(kQuotaBytesMin);
    open();
    fill(40);
    switch_off();
    open();
    next_id_ = store_->next_row_id();
    queue({.essential = true, .bytes = 200'000});        // not one for the journal
    for (int i = 0; i < 10; ++i) queue({.bytes = 300});  // whatever is left of the others
    queue({.priority = 1, .not_before_ms = clock_.monotonic_ms() + 5000});
  }
};

TEST_F(ReaderStatements, WhatCouldNotBeReadIsHandedOutLater) {
  reader_ = std::move(*open_reader());
  const std::vector<RowId> expected = ready_ids();
  ASSERT_GT(expected.size(), 10U);
  const auto expected_ms = reader_->next_ready_in_ms();
  ASSERT_EQ(expected_ms.value(), 5000);
  for (std::uint64_t step = 1;; ++step) {
    faults_.interrupt_in(step);
    const auto rows = reader_->ready({}, 1'000'000, 1'000'000'000);
    const auto wait_ms = reader_->next_ready_in_ms();
    const bool failed = faults_.happened();
    faults_.none();
    if (!failed) break;
    if (rows) {
      EXPECT_EQ(rows->size(), expected.size()) << "failed in step " << step;
    }
    if (wait_ms) {
      EXPECT_EQ(*wait_ms, *expected_ms) << "failed in step " << step;
    }
    ASSERT_EQ(ready_ids(), expected) << "failed in step " << step;
    ASSERT_EQ(reader_->next_ready_in_ms().value(), *expected_ms) << "failed in step " << step;
  }
}

TEST_F(ReaderStatements, AReaderThatCannotBeOpenedIsNone) {
  for (const bool deny : {false, true}) {
    for (std::uint64_t step = 1;; ++step) {
      deny ? faults_.deny_in(step) : faults_.interrupt_in(step);
      const auto reader = open_reader();
      const bool failed = faults_.happened();
      faults_.none();
      if (!failed) break;
      EXPECT_FALSE(reader) << "failed in step " << step;
    }
    EXPECT_TRUE(open_reader());
  }
}

}  // namespace
}  // namespace sudare::testkit
