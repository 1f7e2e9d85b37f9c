// A chain that has stepped on is nowhere on the disk: in no file, and in no block that a file gave
// back to the file system.
#include "gateway/store/database.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class StoreWipe : public StoreTest {
 protected:
  StoreWipe() {
    options_ = {"/car/state", 8 * kMiB, kMiB, 0, &disk_};
    disk_.keep_freed();
  }
  ~StoreWipe() override { switch_off(); }

  static std::string chain(int number) {
    return "chain key number " + std::to_string(10'000 + number) + std::string(16, 'k');
  }
  void step_to(int number) {
    CommitGroup group;
    group.state = {{kChainsModule, "28", chain(number)}};
    commit(group);
  }
  // Else than a chain, but on the same page: pages are copied as they are.
  void commit_something() {
    CommitGroup group;
    group.state = {{"records", "traffic/28", std::string(21, 'n')}};
    commit(group);
  }
  [[nodiscard]] std::uint64_t log_bytes() { return disk_.bytes("/car/state/outbox.db-wal"); }
  void end(bool by_a_power_cut) {
    disk_.stop();
    switch_off();
    if (by_a_power_cut) disk_.start_after_power_cut();
    else disk_.start_after_kill();
  }

  faults::FakeDisk disk_{1};
};

TEST_F(StoreWipe, TheSearchFindsWhatIsThere) {
  open();
  step_to(1);
  EXPECT_GT(disk_.copies(chain(1)), 0U);
}

TEST_F(StoreWipe, AnEarlierChainIsGoneOnceTheNextIsCommitted) {
  open();
  step_to(1);
  for (int i = 0; i < 10; ++i) commit_something();
  step_to(2);
  EXPECT_EQ(disk_.copies(chain(1)), 0U);
  EXPECT_EQ(store_->state(kChainsModule, "28")->value(), chain(2));
}

TEST_F(StoreWipe, AfterACleanStopAChainIsInTheDatabaseAlone) {
  open();
  step_to(1);
  for (int i = 0; i < 1000; ++i) commit_something();  // and checkpoints between
  switch_off();
  EXPECT_EQ(disk_.copies(chain(1)), 1U);
  EXPECT_EQ(log_bytes(), 0U);
}

TEST_F(StoreWipe, TheUsualCheckpointGivesNoBlocksBack) {
  open();
  step_to(1);
  queue({.bytes = 1000});
  for (int i = 0; i < 300; ++i) queue({.bytes = 20'000});  // some checkpoints
  const std::uint64_t grown = log_bytes();
  EXPECT_GT(grown, 500'000U);
  for (int i = 0; i < 300; ++i) {  // more bytes than that, so more checkpoints
    queue({.bytes = 20'000});
    ASSERT_GE(log_bytes(), grown) << "after " << i;
  }
  switch_off();
  EXPECT_EQ(disk_.copies(chain(1)), 1U);
}

TEST_F(StoreWipe, ALogThatALongCommitLetGrowIsCutAndWhatIsCutIsZeros) {
  open();
  step_to(1);
  std::vector<Sealed> rows;
  for (int i = 0; i < 40; ++i) rows.push_back(sealed({.bytes = 60'000}));
  commit(group(std::move(rows)));
  const std::uint64_t grown = log_bytes();
  ASSERT_GT(grown, 2 * kMiB);
  commit_something();
  commit_something();
  EXPECT_LT(log_bytes(), kMiB + 100'000);
  switch_off();
  EXPECT_EQ(disk_.copies(chain(1)), 1U);
}

TEST_F(StoreWipe, AReaderInTheWayPutsItOffToTheNextCommit) {
  open();
  step_to(1);
  {
    auto reader =
        Database::open("/car/state/outbox.db", DatabaseAccess::kReadOnly, disk_.sqlite_vfs());
    ASSERT_TRUE(reader);
    ASSERT_TRUE(reader->run("BEGIN"));
    ASSERT_TRUE(reader->read_number("SELECT count(*) FROM state"));
    step_to(2);
    EXPECT_GT(disk_.copies(chain(1)), 0U);
  }
  commit_something();
  EXPECT_EQ(disk_.copies(chain(1)), 0U);
}

// The reader's connection is the last one, and it is SQLite that removes the log.
TEST_F(StoreWipe, TheLastReaderLeavesNothingBehind) {
  open();
  step_to(1);
  commit_something();
  {
    auto reader =
        Database::open("/car/state/outbox.db", DatabaseAccess::kReadOnly, disk_.sqlite_vfs());
    ASSERT_TRUE(reader->run("BEGIN"));
    ASSERT_TRUE(reader->read_number("SELECT count(*) FROM state"));
    switch_off();
    EXPECT_GT(log_bytes(), 0U);
  }
  EXPECT_EQ(log_bytes(), 0U);
  EXPECT_EQ(disk_.copies(chain(1)), 1U);
}

// Whatever step of the commit, of the checkpoint or of the wiping it is that the unit dies in, and
// whatever of what was not synced is on the disk.
TEST_F(StoreWipe, AnEndInMidWipeIsMadeUpForAtTheNextStart) {
  constexpr std::uint64_t kTimesEach = 24;
  int number = 1;
  open();
  step_to(number);
  std::uint64_t ended = 1;
  for (std::uint64_t step = 1; ended > 0; ++step) {
    ended = 0;
    for (std::uint64_t time = 0; time < kTimesEach; ++time) {
      for (int i = 0; i < 3; ++i) commit_something();
      disk_.cut_power_in(step);
      CommitGroup group;
      group.state = {{kChainsModule, "28", chain(number + 1)}};
      const bool done = store_->commit(group).has_value();
      ended += disk_.stopped() ? 1 : 0;
      end(time % 4 != 0);
      open();
      const std::string now = store_->state(kChainsModule, "28")->value();
      ASSERT_TRUE(now == chain(number + 1) || (now == chain(number) && !done)) << "step " << step;
      if (now == chain(number)) continue;
      ASSERT_EQ(disk_.copies(chain(number)), 0U) << "step " << step;
      ++number;
    }
    ASSERT_LT(step, 200U);
  }
  EXPECT_GT(number, 100);
}

// Killed before it was sure of the log's name, and after the next start put that log into
// outbox.db, the power failed: of the two, the half-written file alone was there.
TEST_F(StoreWipe, ALogWhoseNameIsNotSureIsNotPutIntoTheDatabase) {
  constexpr std::uint64_t kStepsToALog = 25;
  constexpr std::uint64_t kStepsOfAStart = 120;
  for (std::uint64_t killed = 1; killed < kStepsToALog; ++killed) {
    for (std::uint64_t cut = 1; cut < kStepsOfAStart; ++cut) {
      faults::FakeDisk disk(killed * 1000 + cut);
      const StoreOptions options{"/car/state", 8 * kMiB, kMiB, 0, &disk};
      disk.cut_power_in(killed);
      static_cast<void>(Store::open(options, clock_));
      disk.start_after_kill();
      disk.cut_power_in(cut);
      static_cast<void>(Store::open(options, clock_));
      disk.start_after_power_cut();
      const auto opened = Store::open(options, clock_);
      ASSERT_TRUE(opened) << "killed at step " << killed << ", cut at step " << cut << ": "
                          << opened.error().what.view();
    }
  }
}

TEST_F(StoreWipe, AWipeThatTheDiskRefusesIsDoneAfterTheNextCommit) {
  int number = 1;
  open();
  step_to(number);
  bool failed = true;
  for (std::uint64_t step = 1; failed; ++step) {
    commit_something();
    disk_.fail_in(step);
    CommitGroup group;
    group.state = {{kChainsModule, "28", chain(number + 1)}};
    const std::uint64_t before = disk_.steps();
    if (!store_->commit(group)) commit(group);
    failed = step <= disk_.steps() - before;
    disk_.fail_in(0);
    commit_something();
    EXPECT_EQ(disk_.copies(chain(number)), 0U) << "step " << step;
    ++number;
    ASSERT_LT(step, 200U);
  }
  switch_off();
  EXPECT_EQ(disk_.copies(chain(number)), 1U);
}

// Pages split and join as entries come, grow and go: what is left of a cell that moved?
TEST_F(StoreWipe, NoPageKeepsAChainThatWasMovedAbout) {
  options_.quota_bytes = 8 * kMiB;
  open();
  for (int number = 1; number < 300; ++number) {
    CommitGroup group;
    group.state = {{kChainsModule, "28", chain(number)}};
    for (int i = 0; i < 3; ++i) {
      const int other = (number * 37 + i * 11) % 60;
      const auto bytes = static_cast<std::size_t>((number * 131 + i * 977) % 1400);
      group.state.push_back({i == 0 ? Literal("clock") : Literal("policy"),
                             "entry " + std::to_string(other), std::string(bytes, 'e')});
      group.state.push_back({kChainsModule, std::to_string(other),
                             bytes % 5 == 0 ? "" : "other" + std::string(bytes / 20, 'o')});
    }
    commit(group);
    ASSERT_EQ(disk_.copies(chain(number - 1)), 0U) << number;
  }
}

// Its ciphertext is in no file; the blocks may keep it, which nothing on the unit opens.
TEST_F(StoreWipe, WhatWasWithdrawnIsInNoFileOnceItIsCommitted) {
  open();
  const std::string needle = content(next_id_, 40);
  queue({.bytes = 300});
  commit_something();
  CommitGroup group;
  group.withdrawn = {"traffic"};
  commit(group);
  EXPECT_EQ(log_bytes(), 0U);
  EXPECT_EQ(disk_.file("/car/state/outbox.db")->durable.find(needle), std::string::npos);
}

}  // namespace
}  // namespace sudare::testkit
