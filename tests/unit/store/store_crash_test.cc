// A process that commits in a loop is killed at random points. What it had said to be on disk must
// be there afterwards, whole, and the account must add up.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <random>

#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

constexpr int kKills = 100;
constexpr std::uint32_t kRecords = 3;  // of each row

// With the parameter: commits go to the journal, where they can.
class StoreCrash : public StoreTest, public ::testing::WithParamInterface<bool> {
 protected:
  StoreCrash() {
    if (GetParam()) options_.journal_bytes = journal_bytes_for(options_.quota_bytes);
  }
  // Each commit: a row for traffic, one for diagnostics, a state entry with the commit's number;
  // every third also delivers the rows of the one before. Says each number once it is on disk.
  void commit_forever(int pipe) {
    auto opened = Store::open(options_, clock_);
    if (!opened) _exit(3);
    store_ = std::move(*opened);
    next_id_ = store_->next_row_id();
    const auto state = store_->state("records", "last");
    std::uint64_t number = state && *state ? std::stoull(**state) : 0;
    while (true) {
      ++number;
      std::vector<Sealed> rows;
      rows.push_back(sealed({.records = kRecords, .bytes = 3000}));
      rows.push_back(sealed({.purpose = "diagnostics", .records = kRecords, .bytes = 9000}));
      CommitGroup next = group(std::move(rows));
      if (number % 3 == 0) next.delivered = {next_id_ - 3, next_id_ - 4};
      next.state = {{"records", "last", std::to_string(number)}};
      if (!store_->commit(next)) _exit(4);
      if (write(pipe, &number, sizeof number) != sizeof number) _exit(5);
    }
  }

  // Kills the child some time after it said `commits` numbers. Returns the last that it said.
  std::uint64_t run_and_kill(int commits, useconds_t then_us) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      commit_forever(ends[1]);
    }
    close(ends[1]);
    std::uint64_t last = 0;
    std::uint64_t number = 0;
    for (; commits > 0 && read(ends[0], &number, sizeof number) == sizeof number; --commits) {
      last = number;
    }
    usleep(then_us);
    kill(child, SIGKILL);
    while (read(ends[0], &number, sizeof number) == sizeof number) last = number;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    return last;
  }

  void check(std::uint64_t said) {
    open();
    expect_books_agree();
    const auto state = store_->state("records", "last");
    ASSERT_TRUE(state);
    const std::uint64_t last = *state ? std::stoull(**state) : 0;
    EXPECT_GE(last, said);  // what was said is there
    const FateCounts total = store_->account().total();
    EXPECT_EQ(total.taken, last * 2 * kRecords);  // whole groups, nothing twice
    const std::vector<OutboxRow> rows = ready();
    EXPECT_EQ(rows.size(), store_->status().rows);
    EXPECT_TRUE(reader().take_damaged().empty());
    EXPECT_EQ(count("traffic", Fate::kQueued) + count("traffic", Fate::kDelivered),
              static_cast<std::int64_t>(last * kRecords));
    EXPECT_EQ(count("traffic", Fate::kQueued), count("diagnostics", Fate::kQueued));
    // Keeps the queue short, so that the test's time goes into kills.
    std::vector<RowId> ids;
    for (const OutboxRow& row : rows) ids.push_back(row.id);
    deliver(ids);
    switch_off();
  }
};

INSTANTIATE_TEST_SUITE_P(Store, StoreCrash, ::testing::Bool(), [](const auto& info) {
  return info.param ? "WithJournal" : "WithoutJournal";
});

TEST_P(StoreCrash, KilledAtRandomPointsLosesNothingItSaid) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::uint64_t commits = 0;
  for (int i = 0; i < kKills && !HasFailure(); ++i) {
    // Every fourth is killed while it starts, whatever it has done by then.
    const int after = i % 4 == 0 ? 0 : static_cast<int>(1 + random() % 5);
    const std::uint64_t said = run_and_kill(after, static_cast<useconds_t>(random() % 5000));
    commits = std::max(commits, said);
    check(said);
  }
  std::printf("%d kills, %llu commits said to be on disk\n", kKills,
              static_cast<unsigned long long>(commits));
  EXPECT_GE(commits, static_cast<std::uint64_t>(kKills) / 2);
}

}  // namespace
}  // namespace sudare::testkit
