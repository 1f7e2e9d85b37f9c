// A file in the spool is evidence: what may delete it, and what never does.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "clip/run/child.h"
#include "gateway/clips/clip_events.h"
#include "tests/unit/clips/clips_fixture.h"

namespace {
bool card_is_read_only = false;
bool nothing_ends = false;
int waits_that_block = 0;
}  // namespace

// In front of the C library's, for this program: a card that nothing can be deleted from.
extern "C" int unlinkat(int directory, const char* name, int flags) noexcept {
  if (card_is_read_only) {
    errno = EROFS;
    return -1;
  }
  return static_cast<int>(syscall(SYS_unlinkat, directory, name, flags));
}

// The same: processes that wait for a card that no longer answers, which not even SIGKILL ends.
extern "C" pid_t waitpid(pid_t process, int* status, int options) {
  if (nothing_ends) {
    if ((options & WNOHANG) != 0) return 0;
    ++waits_that_block;
  }
  return static_cast<pid_t>(syscall(SYS_wait4, process, status, options, nullptr));
}

namespace sudare::clips_test {
namespace {

class ClipsEvidence : public ClipsTest {
 protected:
  ClipsEvidence() { plan().delete_rejected = plan().delete_afterwards = true; }
  ~ClipsEvidence() override {
    card_is_read_only = nothing_ends = false;
    waits_that_block = 0;
  }
  ClipsEvidence(const ClipsEvidence&) = delete;
  ClipsEvidence& operator=(const ClipsEvidence&) = delete;
  [[nodiscard]] bool there(const std::string& name = "a.mp4") const {
    return std::filesystem::exists(spool() / name);
  }
  void take(const std::string& how) {
    watch();
    record("a.mp4", 100'000, how);
    event("a.mp4");
  }
  void replace_program(const std::string& text) const {
    std::filesystem::remove(program());
    std::ofstream(program()) << text;
    chmod(program().c_str(), 0755);
  }
  bool watched() {
    return turn_until([&] { return clips->status().spool_there; });
  }
};

// --- the unit's fault

class ClipsUnitAtFault : public ClipsEvidence, public ::testing::WithParamInterface<const char*> {};

TEST_P(ClipsUnitAtFault, ItNeverDeletesTheFile) {
  take(GetParam());
  ASSERT_TRUE(give_up());
  EXPECT_TRUE(there());
  EXPECT_EQ(not_released(Reason::kClipFailed), 1U);
  EXPECT_EQ(clips->status().failed, 1U);
  EXPECT_EQ(rows("repair", Fate::kRejected), 1);
  EXPECT_EQ(car.store->status().rows, 0U);
}
INSTANTIATE_TEST_SUITE_P(How, ClipsUnitAtFault,
                         ::testing::Values("CRASH___", "MEMORY__", "CARD____", "UNREAD__"));

TEST_F(ClipsEvidence, AProgramThatCanNotRunDeletesNothing) {
  replace_program("#!/bin/sh\nexit 127\n");
  take("");
  ASSERT_TRUE(give_up());
  EXPECT_TRUE(there());
  EXPECT_EQ(not_released(Reason::kClipFailed), 1U);
}

TEST_F(ClipsEvidence, AProgramThatIsNotThereDeletesNothing) {
  std::filesystem::remove(program());
  take("");
  ASSERT_TRUE(give_up());
  EXPECT_TRUE(there());
  EXPECT_EQ(not_released(Reason::kClipFailed), 1U);
}

TEST_F(ClipsEvidence, AClipThatNeverFitsIsNotDeleted) {
  watch();
  record("a.mp4", 300 * kPieceBytes);
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(not_released(Reason::kClipTooLarge), 1U);
  EXPECT_TRUE(there());
}

TEST_F(ClipsEvidence, OnceTheUnitIsWellAgainTheClipGoesOut) {
  replace_program("#!/bin/sh\nexit 127\n");
  take("");
  ASSERT_TRUE(turn_until([&] { return clips->status().failing == 1; }));
  replace_program(worker_script());
  car.clock.advance_ms(9'000);
  turn_for(50);
  EXPECT_EQ(clips->status().released, 0U) << "it pauses";
  car.clock.advance_ms(1'000);
  ASSERT_TRUE(turn_until([&] { return clips->status().released == 1; }));
  EXPECT_EQ(clips->status().failing, 0U);
  EXPECT_EQ(not_released(Reason::kClipFailed), 0U);
}

TEST_F(ClipsEvidence, AnotherPurposeDoesNotWaitForOneThatFails) {
  give_clips(kDriving);
  plan(kDriving).before_ms = 0;
  const std::string fails = "case \"$*\" in *'from-ms 15000'*) kill -9 $$;; esac\n";
  std::string text = worker_script();
  text.insert(text.find('\n') + 1, fails);
  replace_program(text);
  take("");
  ASSERT_TRUE(turn_until([&] { return clips->status().failing == 1; }));
  EXPECT_TRUE(turn_until([&] { return clips->status().released == 1; }));
  ASSERT_TRUE(give_up());
  EXPECT_TRUE(there()) << "KEEP wins";
}

TEST_F(ClipsEvidence, AClipThatIsAtFaultItselfIsDeletedAsThePolicySays) {
  watch();
  ASSERT_TRUE(watched());
  for (const std::string how : {"REFUSE__", "FINDING_"}) {
    record(how, 100'000, how);
    event(how);
    ASSERT_TRUE(settle());
    EXPECT_FALSE(there(how));
  }
}

// --- processes that don't end

TEST_F(ClipsEvidence, AProcessThatCanNotBeKilledHoldsNothingUp) {
  take("HANG____");
  ASSERT_TRUE(turn_until([&] { return clips->status().in_work; }));
  nothing_ends = true;
  car.clock.advance_ms(600'000);
  turn_for(50);
  car.clock.advance_ms(clip::kDyingMsMax);
  ASSERT_TRUE(turn_until([&] { return clips->status().retried == 1; }));
  EXPECT_EQ(waits_that_block, 0);
  EXPECT_EQ(clips->status().processes_left_behind, 2U);
  nothing_ends = false;
  ASSERT_TRUE(turn_until([&] { return clips->status().processes_left_behind == 0; }));
}

TEST_F(ClipsEvidence, NorDoesOneWhoseClipIsStopped) {
  take("HANG____");
  ASSERT_TRUE(turn_until([&] { return clips->status().in_work; }));
  nothing_ends = true;
  closed.insert(kRepair);
  clips->gates_changed();
  EXPECT_EQ(waits_that_block, 0);
  EXPECT_EQ(clips->status().processes_left_behind, 2U);
  nothing_ends = false;
  ASSERT_TRUE(turn_until([&] { return clips->status().processes_left_behind == 0; }));
}

TEST_F(ClipsEvidence, ProcessesThatDoNotEndAreBounded) {
  nothing_ends = true;
  take("CRASH___");
  clips->turn();
  for (int i = 0; i < 20 && clips->status().files_waiting > 0; ++i) {
    turn_for(50);
    car.clock.advance_ms(clip::kDyingMsMax);
    (void)turn_until([&] { return !clips->status().in_work; });
    car.clock.advance_ms(3'600'000);
    EXPECT_LE(clips->status().processes_left_behind, clip::kLeftBehindMax + 1);
  }
  EXPECT_GE(clips->status().processes_left_behind, clip::kLeftBehindMax);
  EXPECT_TRUE(there());
}

// --- a gate that is closed for a moment

TEST_F(ClipsEvidence, AMissingClockSettlesNothing) {
  no_clock = true;
  take("");
  turn_for(100);
  EXPECT_EQ(clips->status().files_waiting, 1U);
  car.clock.advance_ms(3'600'000);
  turn_for(100);
  EXPECT_EQ(clips->status().files_waiting, 1U) << "its event waits with it";
  no_clock = false;
  clips->gates_changed();
  ASSERT_TRUE(turn_until([&] { return clips->status().released == 1; }));
  EXPECT_EQ(not_released(Reason::kClockUnknown), 0U);
}

TEST_F(ClipsEvidence, AMissingClockIsWaitedForOverARestart) {
  no_clock = true;
  take("");
  turn_for(50);
  reboot();
  turn_for(50);
  no_clock = false;
  clips->gates_changed();
  EXPECT_TRUE(turn_until([&] { return clips->status().released == 1; }));
}

TEST_F(ClipsEvidence, AMissingClockIsWaitedForNoLongerThanAnEventLives) {
  no_clock = true;
  take("");
  turn_for(50);
  car.clock.advance_ms((kClipEventDaysMax + 1) * kMsPerDay);
  car.confirm_time();
  ASSERT_TRUE(settle());
  EXPECT_EQ(not_released(Reason::kClockUnknown), 1U);
  EXPECT_TRUE(there());
}

// --- a delete that fails

TEST_F(ClipsEvidence, ADeletionThatFailedIsTriedAgain) {
  card_is_read_only = true;
  take("");
  ASSERT_TRUE(turn_until([&] { return clips->status().deletions_failed == 1; }));
  EXPECT_EQ(clips->status().files_to_delete, 1U);
  car.clock.advance_ms(60'000);
  ASSERT_TRUE(turn_until([&] { return clips->status().deletions_failed == 2; }));
  card_is_read_only = false;
  car.clock.advance_ms(60'000);
  ASSERT_TRUE(turn_until([&] { return clips->status().files_deleted == 1; }));
  EXPECT_FALSE(there());
  EXPECT_EQ(clips->status().released, 1U);
}

TEST_F(ClipsEvidence, ADeletionThatFailedIsTriedAgainAfterARestartAndCountedAsNothingElse) {
  card_is_read_only = true;
  take("");
  ASSERT_TRUE(turn_until([&] { return clips->status().deletions_failed == 1; }));
  commit_changes();
  reboot();
  ASSERT_TRUE(turn_until([&] { return clips->status().deletions_failed == 1; }));
  for (int i = 0; i < 15; ++i) {
    car.clock.advance_ms(60'000);
    turn_for(20);
  }
  EXPECT_EQ(not_released(Reason::kNoEvent), 0U);
  card_is_read_only = false;
  car.clock.advance_ms(60'000);
  ASSERT_TRUE(turn_until([&] { return !there(); }));
  EXPECT_EQ(clips->status().released, 0U);
  EXPECT_EQ(rows("repair", Fate::kQueued), 2);
}

// --- what was there before

TEST_F(ClipsEvidence, AFileThatWasThereBeforeIsNeverDeletedForWantOfAnEvent) {
  record("a.mp4", 1000);
  watch();
  ASSERT_TRUE(settle(1));
  car.clock.advance_ms(600'000);
  ASSERT_TRUE(settle());
  EXPECT_EQ(not_released(Reason::kNoEvent), 1U);
  EXPECT_TRUE(there());
}

TEST_F(ClipsEvidence, AKeptFileOutlivesAnotherTimeZone) {
  plan().delete_afterwards = false;
  take("");
  ASSERT_TRUE(settle());
  commit_changes();
  // As FAT's times are another hour's after the next mount.
  struct stat info {};
  ASSERT_EQ(stat((spool() / "a.mp4").c_str(), &info), 0);
  std::array<timespec, 2> times = {info.st_atim, info.st_mtim};
  for (timespec& time : times) time.tv_sec -= 3600;
  ASSERT_EQ(utimensat(AT_FDCWD, (spool() / "a.mp4").c_str(), times.data(), 0), 0);
  reboot();
  ASSERT_TRUE(settle(1));
  car.clock.advance_ms(600'000);
  ASSERT_TRUE(settle());
  EXPECT_TRUE(there());
}

TEST_F(ClipsEvidence, AKeptFileOutlivesACardThatIsTakenOutAndPutIn) {
  plan().delete_afterwards = false;
  take("");
  ASSERT_TRUE(settle());
  const auto away = car.directory.path() / "away";
  std::filesystem::rename(spool(), away);
  std::filesystem::create_directory(spool());  // where the card was mounted
  car.clock.advance_ms(10'000);
  turn_for(50);
  std::filesystem::remove(spool());
  std::filesystem::rename(away, spool());
  car.clock.advance_ms(10'000);
  turn_for(50);
  ASSERT_TRUE(settle());
  car.clock.advance_ms(600'000);
  turn_for(50);
  EXPECT_EQ(not_released(Reason::kNoEvent), 0U);
  EXPECT_TRUE(there());
}

}  // namespace
}  // namespace sudare::clips_test
