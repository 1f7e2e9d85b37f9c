#include "sim/fleet/outages.h"

#include <gtest/gtest.h>

namespace sudare::sim::fleet {
namespace {

v1::Link link(double per_hour, double seconds) {
  v1::Link link;
  link.set_outages_per_driving_hour(per_hour);
  link.set_outage_seconds(seconds);
  return link;
}

int outages_of(Outages outages, std::int64_t step_ms, int steps) {
  int count = 0;
  for (int i = 1; i <= steps; ++i) count += outages.drive(i * step_ms) ? 1 : 0;
  return count;
}

TEST(FleetOutages, ComeAsOftenAsTheProfileSays) {
  const int in_1000_hours = outages_of({link(2, 40), Random(7)}, 1000, 3'600'000);
  EXPECT_GT(in_1000_hours, 1800);
  EXPECT_LT(in_1000_hours, 2200);
}

TEST(FleetOutages, EndAfterAboutTheirMeanAndNeverAfterSixTimesIt) {
  Outages outages(link(60, 40), Random(7));
  std::int64_t total_ms = 0;
  int count = 0;
  for (std::int64_t now_ms = 1000; now_ms < 360'000'000; now_ms += 1000) {
    if (!outages.drive(now_ms)) continue;
    ++count;
    EXPECT_LE(outages.until_ms() - now_ms, 240'000);
    EXPECT_FALSE(outages.away(outages.until_ms()));
    total_ms += outages.until_ms() - now_ms;
  }
  EXPECT_NEAR(static_cast<double>(total_ms) / count, 40'000, 2000);
}

TEST(FleetOutages, AProfileWithoutThemHasNone) {
  EXPECT_EQ(outages_of({link(0, 40), Random(7)}, 1000, 100'000), 0);
  EXPECT_EQ(outages_of({link(2, 0), Random(7)}, 1000, 100'000), 0);
}

// Two messages a day: 15 seconds each at most are driven.
TEST(FleetOutages, ParkedTimeDoesNotCount) {
  EXPECT_LT(outages_of({link(2, 40), Random(7)}, 43'200'000, 1000), 25);
}

TEST(FleetOutages, AreThoseOfTheSeed) {
  Outages one(link(2, 40), Random(7));
  Outages same(link(2, 40), Random(7));
  for (std::int64_t now_ms = 1000; now_ms < 36'000'000; now_ms += 1000) {
    ASSERT_EQ(one.drive(now_ms), same.drive(now_ms));
    ASSERT_EQ(one.until_ms(), same.until_ms());
  }
}

}  // namespace
}  // namespace sudare::sim::fleet
