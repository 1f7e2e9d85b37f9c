// Files that stay: however many they are, new clips go out, and a look at them costs little.
#include <ctime>

#include "gateway/clips/clip_ledger.h"
#include "gateway/clips/clip_tags.h"
#include "tests/unit/clips/clips_fixture.h"

namespace sudare::clips_test {
namespace {

class ClipsKept : public ClipsTest {
 protected:
  // Files that an earlier run of the gateway settled.
  void keep(std::size_t count) {
    const auto tags = ClipTags::load(*car.store);
    ASSERT_TRUE(tags);
    CommitGroup group;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "kept" + std::to_string(i);
      record(name, 10);
      struct stat info {};
      ASSERT_EQ(stat((spool() / name).c_str(), &info), 0);
      const FileState state = {10, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
      group.state.push_back(ClipLedger::entry(tags->of_file(name, state, ""), ClipOutcome::kKept));
    }
    ASSERT_TRUE(car.store->commit(group));
  }
  static double cpu_ms() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
  }
  bool watched() {
    return turn_until([&] { return clips->status().spool_there; });
  }
};

TEST_F(ClipsKept, MoreKeptFilesThanMayWaitStopNoNewClip) {
  for (std::size_t i = 0; i < kSpoolFilesMax; ++i) record("old" + std::to_string(i), 10);
  watch();
  ASSERT_TRUE(watched());
  car.clock.advance_ms(600'000);
  const auto none_waits = [&] { return clips->status().files_waiting == 0; };
  ASSERT_TRUE(turn_until(none_waits)) << clips->status().files_waiting;
  EXPECT_EQ(not_released(Reason::kNoEvent), kSpoolFilesMax);
  commit_changes();
  for (int run = 0; run < 2; ++run) {
    const std::string name = "new" + std::to_string(run);
    record(name, 1000);
    event(name);
    ASSERT_TRUE(turn_until([&] { return clips->status().released == 1; })) << run;
    ASSERT_TRUE(settle());
    commit_changes();
    reboot();
  }
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().files_remembered, kSpoolFilesMax + 2);
}

TEST_F(ClipsKept, FilesThatWaitForAnEventMakeRoomForOneThatHasOne) {
  for (std::size_t i = 0; i < kSpoolFilesMax + 10; ++i) record("old" + std::to_string(i), 10);
  watch();
  ASSERT_TRUE(watched());
  EXPECT_EQ(clips->status().files_waiting, kSpoolFilesMax);
  record("new", 1000);
  event("new");
  EXPECT_TRUE(turn_until([&] { return clips->status().released == 1; }));
  event("old" + std::to_string(kSpoolFilesMax + 9));
  car.clock.advance_ms(10'000);
  EXPECT_TRUE(turn_until([&] { return clips->status().released == 2; }));
}

TEST_F(ClipsKept, FiveThousandCostALookAndNothingPerEvent) {
  keep(5000);
  watch();
  const double before_ms = cpu_ms();
  ASSERT_TRUE(watched());
  const double look_ms = cpu_ms() - before_ms;
  EXPECT_EQ(clips->status().files_waiting, 0U);
  EXPECT_LT(look_ms, 500);
  constexpr int kEvents = 50;
  double events_ms = 0;
  for (int i = 0; i < kEvents; ++i) {
    record("new", 10 + static_cast<std::size_t>(i));
    std::filesystem::remove(spool() / "kept0");
    record("kept0", 5);
    const double begin_ms = cpu_ms();
    clips->turn();
    events_ms += cpu_ms() - begin_ms;
  }
  EXPECT_LT(events_ms / kEvents, look_ms / 10);
  RecordProperty("look_us", static_cast<int>(look_ms * 1000));
  RecordProperty("event_us", static_cast<int>(events_ms * 1000 / kEvents));
  record("new.mp4", 1000);
  event("new.mp4");
  EXPECT_TRUE(turn_until([&] { return clips->status().released == 1; }));
}

TEST_F(ClipsKept, TagsOfFilesThatWentAreForgotten) {
  keep(100);
  watch();
  ASSERT_TRUE(watched());
  EXPECT_EQ(clips->status().files_remembered, 100U);
  for (int i = 0; i < 60; ++i) std::filesystem::remove(spool() / ("kept" + std::to_string(i)));
  car.clock.advance_ms(600'000);
  ASSERT_TRUE(turn_until([&] { return clips->status().files_remembered == 40; }));
  commit_changes();
  EXPECT_EQ(car.store->states(kClipsModule)->size(), 41U) << "and the key";
}

TEST_F(ClipsKept, AFullLedgerIsSaidAndStopsNoClip) {
  keep(kClipTagsMax);
  record("one-more", 10);
  watch();
  ASSERT_TRUE(watched());
  EXPECT_TRUE(clips->status().spool_too_full);
  EXPECT_EQ(clips->status().files_waiting, 0U) << "what it does not know may be a kept file";
  for (int i = 0; i < 3; ++i) {
    const std::string name = "new" + std::to_string(i);
    record(name, 1000);
    event(name);
    ASSERT_TRUE(
        turn_until([&] { return clips->status().released == static_cast<unsigned>(i) + 1; }));
  }
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().files_not_remembered, 3U);
  EXPECT_EQ(clips->status().files_remembered, kClipTagsMax);
}

}  // namespace
}  // namespace sudare::clips_test
