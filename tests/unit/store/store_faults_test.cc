// What a store does where the disk says no to its journal and its directory.
#include "gateway/store/database.h"
#include "gateway/store/journal.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/unit/store/faulty_disk.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class StoreFaults : public StoreTest {
 protected:
  StoreFaults() { options_ = {"/car/state", 8 * kMiB, kMiB, journal_bytes_for(8 * kMiB), &disk_}; }
  ~StoreFaults() override { switch_off(); }
  void kill() {
    memory_.stop();
    switch_off();
    memory_.start_after_kill();
  }
  [[nodiscard]] bool journal_is_there() { return memory_.bytes("/car/state/outbox.journal") > 0; }

  [[nodiscard]] const std::string& journal_bytes() {
    return memory_.file("/car/state/outbox.journal")->now;
  }

  faults::FakeDisk memory_{1};
  FaultyDisk disk_{memory_};
};

TEST_F(StoreFaults, AJournalThatCannotBeWrittenIsGivenUpAndNothingIsLost) {
  for (const DiskCall call : {DiskCall::kWrite, DiskCall::kSync}) {
    open();
    next_id_ = store_->next_row_id();
    const std::uint64_t rows = store_->status().rows;
    queue({});
    disk_.fail(call, EIO);
    queue({});
    queue({});
    EXPECT_EQ(store_->status().rows, rows + 3);
    kill();
    open();  // what reached the journal all the same is not played back twice
    EXPECT_EQ(store_->status().rows, rows + 3);
    expect_books_agree();
    EXPECT_EQ(count("traffic", Fate::kQueued), static_cast<std::int64_t>(rows + 3));
    switch_off();
  }
}

TEST_F(StoreFaults, AJournalThatCannotBeErasedIsGivenUpAndWhatWasWithdrawnIsGone) {
  open();
  queue({});
  queue({.purpose = "diagnostics"});
  CommitGroup withdrawal;
  withdrawal.withdrawn = {"traffic"};
  disk_.fail(DiskCall::kWrite, EIO);
  commit(withdrawal);
  EXPECT_EQ(store_->status().rows, 1U);
  queue({.purpose = "diagnostics"});
  kill();
  open();
  EXPECT_EQ(store_->status().rows, 2U);
  EXPECT_EQ(count("traffic", Fate::kNotConsented), 1);
}

TEST_F(StoreFaults, AStartThatTheDiskRefusesIsAnErrorAndTheNextFindsEverything) {
  open();
  queue({});
  kill();
  for (const DiskCall call : {DiskCall::kOpen, DiskCall::kLock, DiskCall::kProtect, DiskCall::kSync,
                              DiskCall::kSyncDirectory, DiskCall::kRead}) {
    disk_.fail(call, EBADF);
    EXPECT_EQ(error_of_open().detail, EBADF);
  }
  open();
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreFaults, AJournalThatCannotBeOpenedKeepsTheStoreShut) {
  open();
  queue({});
  kill();
  disk_.fail(DiskCall::kSize, EIO);
  EXPECT_EQ(error_of_open().detail, EIO);
  open();
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreFaults, AJournalThatIsNotWantedAndCannotGoIsAnError) {
  open();
  queue({});
  kill();
  options_.journal_bytes = 0;
  disk_.fail(DiskCall::kRemove, EROFS);
  EXPECT_EQ(error_of_open().detail, EROFS);
  open();
  EXPECT_FALSE(journal_is_there());
  EXPECT_EQ(store_->status().rows, 1U);
}

// The rows are on the disk; that the log could not be cut is said and made up for later.
TEST_F(StoreFaults, ALogThatCannotBeCutCostsNothing) {
  options_.journal_bytes = 0;
  open();
  queue({});
  memory_.fail_once_in(1);  // everything fails
  switch_off();
  memory_.fail_once_in(0);
  open();
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreFaults, ASessionWhoseEndFailsIsPlayedBack) {
  open();
  queue({});
  memory_.fail_once_in(1);
  switch_off();
  memory_.fail_once_in(0);
  open();
  EXPECT_EQ(store_->status().rows, 1U);
  EXPECT_EQ(count("traffic", Fate::kQueued), 1);
}

// Its frames may be valid in the log all the same: the journal must not contradict them.
TEST_F(StoreFaults, AfterACommitThatFailedTheNextGoesToTheDatabase) {
  open();
  std::vector<Sealed> rows;
  rows.push_back(sealed({.essential = true}));
  const CommitGroup essential = group(std::move(rows));
  bool uncertain = false;
  for (std::uint64_t step = 1; step < 10 && !uncertain; ++step) {
    memory_.fail_in(step);
    uncertain = !store_->commit(essential);
  }
  memory_.fail_in(0);
  ASSERT_TRUE(uncertain);
  queue({});
  EXPECT_EQ(journal_bytes().find_first_not_of('\0'), std::string::npos);
  queue({});
  EXPECT_NE(journal_bytes().find_first_not_of('\0'), std::string::npos);
}

// Whole by its checksum, and of no row that can be.
TEST_F(StoreFaults, AnEntryThatCannotBeIsLeftOut) {
  open();
  queue({});
  switch_off();
  auto database =
      Database::open("/car/state/outbox.db", DatabaseAccess::kReadWrite, memory_.sqlite_vfs());
  v1::JournalEntry entry;
  entry.set_store(
      static_cast<std::uint64_t>(database->read_number("SELECT store_id FROM meta").value()));
  entry.set_sequence(1U + static_cast<std::uint64_t>(
                              database->read_number("SELECT journal_sequence FROM meta").value()));
  entry.add_rows()->set_shard(1000);
  {
    auto journal = Journal::open("/car/state", options_.journal_bytes, disk_);
    ASSERT_TRUE(journal->append(entry));
  }
  open();
  EXPECT_EQ(store_->status().rows, 1U);
  expect_books_agree();
}

TEST_F(StoreFaults, AFullDiskIsToldFromABrokenOne) {
  options_.journal_bytes = 0;
  open();
  memory_.set_capacity(memory_.used_bytes() + 10'000);
  std::vector<Sealed> rows;
  rows.push_back(sealed({.bytes = 100'000}));
  const CommitGroup large = group(std::move(rows));
  const auto full = store_->commit(large);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kFull);
  memory_.set_capacity(0);
  memory_.fail_once_in(1);
  const auto broken = store_->commit(large);
  memory_.fail_once_in(0);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kIo);
  EXPECT_TRUE(store_->commit(large));
}

}  // namespace
}  // namespace sudare::testkit
