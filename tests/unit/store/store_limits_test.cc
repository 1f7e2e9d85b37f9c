#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>

#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class StoreLimits : public StoreTest {
 protected:
  void open_small(std::uint64_t quota_bytes, std::uint64_t reserve_bytes) {
    options_.quota_bytes = quota_bytes;
    options_.essential_reserve_bytes = reserve_bytes;
    open();
  }
  // Commits rows until the first eviction.
  std::vector<RowId> fill(const RowSpec& spec) {
    std::vector<RowId> ids;
    for (int i = 0; i < 100'000; ++i) {
      std::vector<Sealed> rows;
      rows.push_back(sealed(spec));
      ids.push_back(rows.front().meta().id);
      if (commit(group(std::move(rows))).evicted_rows > 0) return ids;
    }
    ADD_FAILURE() << "never full";
    return ids;
  }
  // Runs `work` in a process of its own and returns what it returns.
  static int in_child(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) _exit(work());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  // Commits until the disk is full, lets `relieve` make room, and tries the same group again.
  // 0, or the number of the step that went wrong.
  int fill_disk_and_retry(const std::function<void()>& relieve) {
    auto opened = Store::open(options_, clock_);
    if (!opened) return 1;
    store_ = std::move(*opened);
    for (int i = 0; i < 2000; ++i) {
      std::vector<Sealed> rows;
      rows.push_back(sealed({.bytes = 10'000}));
      const CommitGroup next = group(std::move(rows));
      const StoreStatus before = store_->status();
      const auto done = store_->commit(next);
      if (done) continue;
      if (done.error().code != ErrorCode::kFull) return 2;
      if (store_->status().rows != before.rows || !store_->account().adds_up()) return 3;
      const std::size_t seen = ready_ids().size();
      if (seen != before.rows) return 4;
      relieve();
      if (!store_->commit(next)) return 5;
      if (ready_ids().size() != seen + 1) return 6;
      switch_off();
      auto again = Store::open(options_, clock_);
      return again && (*again)->status().rows == seen + 1 ? 0 : 7;
    }
    return 8;
  }
};

TEST_F(StoreLimits, EssentialRowsThatFillTheQuotaAreFull) {
  open_small(2 * kMiB, 512 * 1024);
  const RowSpec essential{.purpose = "emergency", .essential = true, .bytes = 20'000};
  for (int i = 0; i < 1000; ++i) {
    std::vector<Sealed> rows;
    rows.push_back(sealed(essential));
    const StoreStatus before = store_->status();
    const auto done = store_->commit(group(std::move(rows)));
    if (done) continue;
    EXPECT_EQ(done.error().code, ErrorCode::kFull);
    EXPECT_EQ(store_->status().rows, before.rows);
    EXPECT_EQ(count("emergency", Fate::kEvicted), 0);
    EXPECT_GT(before.bytes, kMiB);
    expect_books_agree();
    deliver({1});
    queue(essential);  // there is room again
    return;
  }
  FAIL() << "never full";
}

TEST_F(StoreLimits, LowestPriorityGoesFirstThenOldest) {
  open_small(2 * kMiB, 0);
  const RowId low_old = queue({.purpose = "low", .priority = 1, .bytes = 200'000});
  const RowId low_new = queue({.purpose = "low", .priority = 1, .bytes = 200'000});
  const RowId high_old = queue({.purpose = "high", .priority = 5, .bytes = 200'000});
  std::vector<RowId> evicted;
  std::vector<RowId> before = ready_ids();
  for (int i = 0; i < 12; ++i) {
    queue({.purpose = "high", .priority = 5, .bytes = 200'000});
    const std::vector<RowId> after = ready_ids();
    for (const RowId id : before) {
      if (std::find(after.begin(), after.end(), id) == after.end()) evicted.push_back(id);
    }
    before = after;
  }
  ASSERT_GE(evicted.size(), 4u);
  EXPECT_EQ(evicted[0], low_old);
  EXPECT_EQ(evicted[1], low_new);
  EXPECT_EQ(evicted[2], high_old);
}

TEST_F(StoreLimits, LessUrgentRowDoesNotPushOutMoreUrgentOnes) {
  open_small(2 * kMiB, 0);
  const std::vector<RowId> high = fill({.purpose = "high", .priority = 5, .bytes = 50'000});
  const std::size_t before = ready_ids().size();
  queue({.purpose = "low", .priority = 1, .records = 3, .bytes = 50'000});
  EXPECT_EQ(ready_ids().size(), before);
  EXPECT_EQ(count("low", Fate::kEvicted), 3);
  EXPECT_EQ(count("high", Fate::kEvicted), 1);
}

TEST_F(StoreLimits, MostUrgentOfAGroupFindsRoomFirst) {
  open_small(2 * kMiB, 0);
  fill({.purpose = "old", .priority = 5, .bytes = 50'000});
  std::vector<Sealed> rows;
  for (int i = 0; i < 3; ++i) {
    rows.push_back(sealed({.purpose = "low", .priority = 1, .bytes = 50'000}));
    rows.push_back(sealed({.purpose = "high", .priority = 9, .bytes = 50'000}));
  }
  commit(group(std::move(rows)));
  EXPECT_EQ(count("high", Fate::kQueued), 3);
  EXPECT_EQ(count("low", Fate::kEvicted), 3);
}

TEST_F(StoreLimits, OthersCantUseTheEssentialReserve) {
  open_small(4 * kMiB, kMiB);
  fill({.purpose = "traffic", .priority = 9, .bytes = 20'000});
  const std::int64_t evicted = count("traffic", Fate::kEvicted);
  for (int i = 0; i < 45; ++i) {  // 45 × 20,000 is 0.9 MiB
    queue({.purpose = "emergency", .essential = true, .bytes = 20'000});
  }
  EXPECT_EQ(count("emergency", Fate::kQueued), 45);
  EXPECT_EQ(count("traffic", Fate::kEvicted), evicted);
}

TEST_F(StoreLimits, EssentialRowsPushOutOthersBeyondTheReserve) {
  open_small(4 * kMiB, kMiB);
  fill({.purpose = "traffic", .priority = 9, .bytes = 20'000});
  for (int i = 0; i < 140; ++i) {
    queue({.purpose = "emergency", .essential = true, .bytes = 20'000});
  }
  EXPECT_EQ(count("emergency", Fate::kQueued), 140);
  EXPECT_GT(count("traffic", Fate::kEvicted), 40);
}

TEST_F(StoreLimits, EvictedRangesAreReportedAsOne) {
  open_small(2 * kMiB, 0);
  fill({.records = 2, .bytes = 15'000});
  for (int i = 0; i < 50; ++i) queue({.records = 2, .bytes = 15'000});
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].reason, v1::MissingRange::EVICTED);
  EXPECT_EQ(missing("traffic")[0].records.first, 0u);
  EXPECT_EQ(missing("traffic")[0].records.count, count("traffic", Fate::kEvicted));
}

// One that was on its way: the recipient is told, and counts what arrived all the same.
TEST_F(StoreLimits, WhatIsAcknowledgedAfterItWasEvictedStaysEvictedAndMissing) {
  open_small(2 * kMiB, 0);
  const std::vector<RowId> rows = fill({.records = 2, .bytes = 15'000});
  const std::int64_t evicted = count("traffic", Fate::kEvicted);
  ASSERT_GT(evicted, 0);
  deliver({rows.front()});
  EXPECT_EQ(count("traffic", Fate::kEvicted), evicted);
  EXPECT_EQ(count("traffic", Fate::kDelivered), 0);
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].records.first, 0u);
  expect_books_agree();
}

// A batch carries the word of what is missing; one that is evicted has told nobody.
TEST_F(StoreLimits, WhatAnEvictedBatchReportedIsReportedAgain) {
  open_small(2 * kMiB, 0);
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  for (int restart = 0; restart < 2; ++restart) {
    std::vector<Sealed> carrier;
    carrier.push_back(sealed({.records = 2, .bytes = 40'000}));
    CommitGroup report = group(std::move(carrier));
    report.reported = missing("traffic");
    commit(report);
    EXPECT_TRUE(missing("traffic").empty());
    if (restart == 1) {
      switch_off();
      switch_on();
    }
    fill({.purpose = "high", .priority = 5, .bytes = 50'000});
    ASSERT_EQ(missing("traffic").size(), 2u);
    EXPECT_EQ(missing("traffic")[0].reason, v1::MissingRange::QUARANTINED);
    EXPECT_EQ(missing("traffic")[0].records.count, 4u);
    EXPECT_EQ(missing("traffic")[1].reason, v1::MissingRange::EVICTED);
    deliver(ready_ids());
  }
}

TEST_F(StoreLimits, WhatADeliveredBatchReportedIsNotReportedAgain) {
  open_small(2 * kMiB, 0);
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  std::vector<Sealed> carrier;
  carrier.push_back(sealed({.records = 2, .bytes = 40'000}));
  CommitGroup report = group(std::move(carrier));
  report.reported = missing("traffic");
  commit(report);
  deliver(ready_ids());
  fill({.purpose = "high", .priority = 5, .bytes = 50'000});
  EXPECT_TRUE(missing("traffic").empty());
  EXPECT_TRUE(store_->states("reports")->empty());
}

TEST_F(StoreLimits, EvictedFragmentStaysQueuedUntilItsBatchComes) {
  open_small(2 * kMiB, 0);
  const RowId fragment = queue({.fragment = true, .records = 4, .bytes = 50'000});
  fill({.purpose = "high", .priority = 5, .bytes = 50'000});
  EXPECT_EQ(count("traffic", Fate::kQueued), 4);
  EXPECT_TRUE(missing("traffic").empty());
  deliver(ready_ids());
  next_record_["traffic"] = 0;
  CommitGroup close;
  close.add.push_back(sealed({.records = 4, .bytes = 40'000}));
  close.replaced = {fragment};
  commit(close);
  deliver(ready_ids());
  EXPECT_EQ(count("traffic", Fate::kDelivered), 4);
  EXPECT_EQ(count("traffic", Fate::kQueued), 0);
}

TEST_F(StoreLimits, EvictedFragmentIsLostWithItsSession) {
  open_small(2 * kMiB, 0);
  queue({.fragment = true, .records = 4, .bytes = 50'000});
  fill({.purpose = "high", .priority = 5, .bytes = 50'000});
  switch_off();
  switch_on();
  EXPECT_EQ(count("traffic", Fate::kEvicted), 4);
  EXPECT_EQ(count("traffic", Fate::kQueued), 0);
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].records.count, 4u);
  expect_books_agree();
}

TEST_F(StoreLimits, EvictedFragmentIsLostWhereItsBatchIsGivenUp) {
  open_small(2 * kMiB, 0);
  const RowId fragment = queue({.fragment = true, .records = 4, .bytes = 50'000});
  fill({.purpose = "high", .priority = 5, .bytes = 50'000});
  CommitGroup given_up;
  given_up.released = {fragment};
  commit(given_up);
  EXPECT_EQ(count("traffic", Fate::kEvicted), 4);
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].records.count, 4u);
}

TEST_F(StoreLimits, ARowThatIsLargerThanTheQuotaPushesOutNothing) {
  open_small(2 * kMiB, 0);
  const RowId small = queue({.purpose = "low", .priority = 0});
  queue({.records = 3, .bytes = 3 * kMiB});
  EXPECT_EQ(count("traffic", Fate::kEvicted), 3);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{small});
}

TEST_F(StoreLimits, FileStaysWithinTheQuota) {
  open_small(2 * kMiB, 256 * 1024);
  std::uint64_t most = 0;
  for (int i = 0; i < 150; ++i) {
    std::vector<Sealed> rows;
    for (int n = 0; n < 20; ++n) {
      const int kind = n % 5;
      RowSpec spec{.priority = static_cast<std::uint8_t>(kind)};
      spec.purpose = "p" + std::to_string(kind);
      spec.bytes = 200 + static_cast<std::size_t>((i * 20 + n) * 7919 % 9000);
      spec.fragment = n % 3 == 0;
      rows.push_back(sealed(spec));
    }
    commit(group(std::move(rows)));
    most = std::max(most, store_->status().file_bytes);
  }
  EXPECT_LE(most, options_.quota_bytes + 500'000);  // a commit more in the WAL
  EXPECT_GT(store_->status().bytes, options_.quota_bytes / 2);
}

TEST_F(StoreLimits, SmallerQuotaTakesEffect) {
  open_small(8 * kMiB, 0);
  fill({.bytes = 50'000});
  switch_off();
  options_.quota_bytes = 2 * kMiB;
  switch_on();
  queue({.bytes = 10'000});
  EXPECT_LT(store_->status().bytes, 2 * kMiB);
  expect_books_agree();
}

TEST_F(StoreLimits, FullDiskChangesNothingAndCanBeRetried) {
  std::filesystem::create_directory(directory());
  const int result = in_child([this] {
    // A mount namespace of the child's own: the mount ends with it.
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", directory().c_str(), "tmpfs", 0, "size=3m") != 0) {
      return 77;
    }
    options_.quota_bytes = 64 * kMiB;
    return fill_disk_and_retry(
        [this] { mount("tmpfs", directory().c_str(), "tmpfs", MS_REMOUNT, "size=64m"); });
  });
  if (result == 77) GTEST_SKIP() << "not run: no permission to mount";
  EXPECT_EQ(result, 0);
}

TEST_F(StoreLimits, FileSizeLimitChangesNothingAndCanBeRetried) {
  EXPECT_EQ(in_child([this] {
              signal(SIGXFSZ, SIG_IGN);
              rlimit limit{2 * kMiB, 64 * kMiB};
              if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 100;
              options_.quota_bytes = 64 * kMiB;
              return fill_disk_and_retry([&limit] {
                limit.rlim_cur = limit.rlim_max;
                setrlimit(RLIMIT_FSIZE, &limit);
              });
            }),
            0);
}

}  // namespace
}  // namespace sudare::testkit
