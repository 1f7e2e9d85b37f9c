#include "sim/attack/attackers/utility.h"

#include <gtest/gtest.h>

#include "sim/attack/attackers/goals.h"
#include "tests/unit/attack_attackers/toy.h"

namespace sudare::sim::attack {
namespace {

// 8 km eastward at 10 m/s, a fix a second; the second half on an arterial.
std::vector<Fix> trip() {
  std::vector<Fix> fixes;
  for (int i = 0; i <= 800; ++i) {
    Fix fix;
    fix.time_ms = kToyStartMs + i * 1000;
    fix.place = to_place(toy_origin(), {i * 10.0, 0});
    fix.speed_kmh = 36;
    fix.road_class = i > 400 ? RoadClass::kArterial : RoadClass::kResidential;
    fix.link = static_cast<std::uint64_t>(1 + i / 100);
    fixes.push_back(fix);
  }
  return fixes;
}

std::vector<Seen> every(std::size_t step, std::size_t first, double north) {
  std::vector<Seen> seen;
  const auto fixes = trip();
  for (std::size_t i = first; i < fixes.size(); i += step) {
    seen.push_back(seen_at(fixes[i].time_ms, {static_cast<double>(i) * 10, north}));
    seen.back().speed_kmh = 30;
  }
  return seen;
}

Utility utility_of(const std::vector<Seen>& released, const Knowledge& knowledge) {
  UtilityMeter meter(knowledge);
  meter.add_trip(trip(), released);
  UtilityMeter sum(knowledge);
  sum.add(meter);
  return sum.result();
}

TEST(UtilityMeterTest, NothingReleasedNothingKept) {
  const Utility utility = utility_of({}, Knowledge{});
  EXPECT_EQ(utility.all.share, 0);
  EXPECT_NEAR(utility.all.kilometers, 8, 0.02);
  EXPECT_EQ(utility.trips_8km.trips, 1U);
  EXPECT_EQ(utility.trip_length_distance, 1);
}

TEST(UtilityMeterTest, BetweenRecordsTheLineCounts) {
  const Utility utility = utility_of(every(5, 0, 0), Knowledge{});
  EXPECT_GT(utility.all.share, 0.99);
  EXPECT_LT(utility.displacement_mean_meters, 1);
  EXPECT_NEAR(utility.segment_speed_error_kmh, 6, 0.01);
  EXPECT_EQ(utility.links_covered, 1);
}

TEST(UtilityMeterTest, WhatIsHeldBackIsNotKeptAndNotDisplaced) {
  const Utility utility = utility_of(every(5, 400, 0), Knowledge{});
  EXPECT_NEAR(utility.all.share, 0.5, 0.01);
  EXPECT_GT(utility.trips_8km.arterial_share, 0.99);
  EXPECT_LT(utility.displacement_mean_meters, 1);
}

TEST(UtilityMeterTest, BucketsOfTimeDoNotHideWhereTheCarWas) {
  Knowledge knowledge;
  knowledge.bucket_ms = 60'000;
  auto released = every(5, 0, 0);
  for (Seen& seen : released) seen.time_ms = seen.time_ms / 60'000 * 60'000;
  EXPECT_GT(utility_of(released, knowledge).all.share, 0.98);
}

TEST(UtilityMeterTest, DisplacedByFiftyMetersIsNotKept) {
  const Utility utility = utility_of(every(1, 0, 50), Knowledge{});
  EXPECT_EQ(utility.all.share, 0);
  EXPECT_NEAR(utility.displacement_mean_meters, 50, 0.1);
  EXPECT_NEAR(utility.displacement_p95_meters, 50, 5.1);
}

TEST(Hazards, DelaysAndErrorsByWhereTheyHappen) {
  HazardSeen outside{toy_origin(), 1000, false, 11'000, 61'000, toy_origin()};
  HazardSeen inside{toy_origin(), 1000, true, 3000, 0, {}};
  HazardSeen lost{toy_origin(), 1000, true, 0, 0, {}};
  const HazardResult result = measure_hazards({outside, inside, lost});
  EXPECT_EQ(result.outside_delay_p95_ms, 60'000);
  EXPECT_EQ(result.outside_error_p95_meters, 0);
  EXPECT_EQ(result.inside_coarse_delay_p95_ms, 2000);
  EXPECT_EQ(result.inside_arrived, 0.5);
}

TEST(Goals, MissedByWhatWasNotMeasured) {
  EXPECT_FALSE(parked_goal(ParkedResult{}, "grid").pass);
  EXPECT_FALSE(overnight_goal(LinkResult{}, "grid").pass);
  EXPECT_FALSE(leak_goal({}).pass);
  EXPECT_TRUE(leak_goal({1000, 10, 0, 5}).pass);
  EXPECT_FALSE(leak_goal({1000, 10, 1, 5}).pass);
  EXPECT_FALSE(leak_goal({1000, 10, 0, 0}).pass)
      << "a scan that finds nothing anywhere proves nothing";
  for (const Goal& goal : home_goals(HomeResult{}, Profile::kStandard, "grid")) {
    EXPECT_FALSE(goal.pass);
  }
}

TEST(Goals, PassExactlyUpToTheirConstant) {
  HomeResult result;
  result.tracks = 400;
  result.best.within_100m = kHome100mMost;
  result.best.within_250m = 0.21;
  const auto goals = home_goals(result, Profile::kStandard, "grid");
  ASSERT_EQ(goals.size(), 4U);
  EXPECT_TRUE(goals[0].pass);
  EXPECT_EQ(goals[0].target, "≤ 5.0 %");
  EXPECT_FALSE(goals[1].pass);
  EXPECT_EQ(goals[1].measured, "21.0 %");
  EXPECT_EQ(home_goals(result, Profile::kStrict, "grid").size(), 3U);
}

TEST(Goals, AWeakAttackerFailsTheControl) {
  HomeResult result;
  result.best.within_100m = 0.59;
  EXPECT_FALSE(control_of(NegativeControl::kFixedTrim, result, "grid").broken);
  result.best.within_100m = 0.60;
  EXPECT_TRUE(control_of(NegativeControl::kFixedTrim, result, "grid").broken);
}

}  // namespace
}  // namespace sudare::sim::attack
