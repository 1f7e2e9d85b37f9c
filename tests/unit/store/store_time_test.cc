#include "gateway/store/store_time.h"

#include <gtest/gtest.h>

namespace sudare {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 20'000 * kDay;
constexpr std::int64_t kBooted = 700;  // monotonic time at the start of a session

TEST(StoreTime, BootAt1970AddsNothing) {
  const StoreTime time = StoreTime::resume({5 * kHour, 5 * kHour, kNow}, 3000, kBooted);
  EXPECT_EQ(time.at(kBooted), 5 * kHour);
}

TEST(StoreTime, BootAt2100AddsNothing) {
  const StoreTime time =
      StoreTime::resume({5 * kHour, 5 * kHour, kNow}, kNow + 74 * 365 * kDay, kBooted);
  EXPECT_EQ(time.at(kBooted), 5 * kHour);
}

TEST(StoreTime, OffTimeCounts) {
  const StoreTime time = StoreTime::resume({5 * kHour, 5 * kHour, kNow}, kNow + 3 * kDay, kBooted);
  EXPECT_EQ(time.at(kBooted), 5 * kHour + 3 * kDay);
}

TEST(StoreTime, OffTimeIsCaughtUpWhenTheClockIsFound) {
  StoreTime time = StoreTime::resume({5 * kHour, 5 * kHour, kNow}, 3000, kBooted);
  const std::int64_t minute = kBooted + 60'000;
  EXPECT_EQ(time.at(minute), 5 * kHour + 60'000);
  time.observe(kNow + 3 * kDay + 60'000, minute);
  EXPECT_EQ(time.at(minute), 5 * kHour + 3 * kDay + 60'000);
}

TEST(StoreTime, OffTimeIsCaughtUpInALaterSession) {
  const StoreTime lost = StoreTime::resume({5 * kHour, 5 * kHour, kNow}, 3000, kBooted);
  const StoreTime::Saved saved = lost.saved(kBooted + 60'000);
  const StoreTime time = StoreTime::resume(saved, kNow + 3 * kDay, kBooted);
  EXPECT_EQ(time.at(kBooted), 5 * kHour + 3 * kDay);
}

TEST(StoreTime, RunningTimeIsNotCountedTwice) {
  StoreTime time = StoreTime::start(kNow, kBooted);
  for (std::int64_t hour = 1; hour <= 48; ++hour) {
    time.observe(kNow + hour * kHour, kBooted + hour * kHour);
  }
  EXPECT_EQ(time.at(kBooted + 48 * kHour), 48 * kHour);
}

TEST(StoreTime, ClockSetBackAndForthAddsNothing) {
  StoreTime time = StoreTime::start(kNow, kBooted);
  time.observe(kNow - 20 * kHour + 1000, kBooted + 1000);
  time.observe(kNow + 2000, kBooted + 2000);
  EXPECT_EQ(time.at(kBooted + 2000), 2000);
}

TEST(StoreTime, WrongReferenceIsGivenUpAfterAnHour) {
  // The first boot was at 1970: the difference to now is absurd, until the clock has stood.
  StoreTime time = StoreTime::start(3000, kBooted);
  time.observe(kNow, kBooted + 1000);
  EXPECT_EQ(time.at(kBooted + 1000), 1000);
  time.observe(kNow + kHour, kBooted + kHour + 1000);
  const StoreTime::Saved saved = time.saved(kBooted + kHour + 1000);
  const StoreTime after = StoreTime::resume(saved, kNow + kHour + 2 * kDay, kBooted);
  EXPECT_EQ(after.at(kBooted), kHour + 1000 + 2 * kDay);
}

TEST(StoreTime, NeverGoesBack) {
  StoreTime time = StoreTime::start(kNow, kBooted);
  std::int64_t last = 0;
  const std::int64_t walls[] = {kNow, 0, kNow + kDay, -5, kNow + 1000 * 365 * kDay, kNow, 17};
  std::int64_t monotonic = kBooted;
  for (const std::int64_t wall : walls) {
    monotonic += 10 * 60'000;
    time.observe(wall, monotonic);
    EXPECT_GE(time.at(monotonic), last + 10 * 60'000);
    last = time.at(monotonic);
  }
}

}  // namespace
}  // namespace sudare
