#include "gateway/decode/event_time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string_view>

namespace sudare {
namespace {

TEST(EventTime, RefusesWhatIsNoTime) {
  for (const std::string_view text :
       {"", "2026", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22T25:00",
        "2026-11-22T03:02:00X", "2026-11-22T03:02:00+9", "2026-11-22T03:02:00.", "0000-01-01",
        "1969-12-31T23:59:59Z", "now"}) {
    EXPECT_FALSE(event_time_of(text, v1::ISO_8601)) << text;
  }
  EXPECT_FALSE(event_time_of(std::nan(""), v1::SECONDS));
  EXPECT_FALSE(event_time_of(1e300, v1::MILLISECONDS));
  EXPECT_FALSE(event_time_of(-1.0, v1::SECONDS));
  EXPECT_FALSE(event_time_of(std::numeric_limits<std::int64_t>::max(), v1::SECONDS));
  EXPECT_FALSE(event_time_of(std::numeric_limits<std::int64_t>::min(), v1::MILLISECONDS));
  EXPECT_FALSE(event_time_of(std::int64_t{5}, v1::PERCENT));
  EXPECT_FALSE(event_time_of(std::string_view("12x"), v1::SECONDS));
}

TEST(EventTime, ReadsIso8601) {
  constexpr std::int64_t kNoon = 1'795'316'520'000;  // date -u -d 2026-11-22T03:02:00Z +%s
  EXPECT_EQ(event_time_of("2026-11-22T03:02:00Z", v1::ISO_8601), kNoon);
  EXPECT_EQ(event_time_of("2026-11-22 03:02", v1::ISO_8601), kNoon);
  EXPECT_EQ(event_time_of("2026-11-22T12:02:00+09:00", v1::ISO_8601), kNoon);
  EXPECT_EQ(event_time_of("2026-11-21T22:02:00.1239-0500", v1::ISO_8601), kNoon + 123);
  EXPECT_EQ(event_time_of("1970-01-01", v1::ISO_8601), 0);
}

TEST(EventTime, ReadsSecondsAndMilliseconds) {
  EXPECT_EQ(event_time_of(std::int64_t{1'700'000'000}, v1::SECONDS), 1'700'000'000'000);
  EXPECT_EQ(event_time_of(1'700'000'000.123, v1::SECONDS), 1'700'000'000'123);
  EXPECT_EQ(event_time_of(std::int64_t{42}, v1::MILLISECONDS), 42);
  EXPECT_EQ(event_time_of(std::string_view("1700000000.5"), v1::SECONDS), 1'700'000'000'500);
}

}  // namespace
}  // namespace sudare
