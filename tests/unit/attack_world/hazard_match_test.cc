#include "sim/attack/world/hazard_match.h"

#include <gtest/gtest.h>

namespace sudare::sim::attack {
namespace {

constexpr std::int64_t kStartMs = 1'772'000'040'000;
constexpr Place kStart{35.0, 137.0};

// A drive of 20 km to the north in 2000 s, with hazards; what is released of them is up to a test.
class HazardMatchTest : public testing::Test {
 protected:
  HazardMatchTest() {
    Outing outing;
    for (int i = 0; i <= 2000; ++i) {
      Fix fix;
      fix.time_ms = kStartMs + i * 1000;
      fix.place = to_place(kStart, {0, 10.0 * i});
      outing.trip.fixes.push_back(fix);
    }
    outing.driven.start_ms = kStartMs;
    outing.driven.end_ms = outing.trip.fixes.back().time_ms;
    outings_.push_back(outing);
  }
  void hazard(int second) {
    const Fix& fix = outings_[0].trip.fixes[static_cast<std::size_t>(second)];
    hazards_.push_back({fix.time_ms, fix.place});
  }
  void released(std::int64_t time_ms, double north_meters, std::int64_t arrival_ms) {
    const Place at = to_place(kStart, {0, north_meters});
    Seen seen;
    seen.time_ms = time_ms;
    seen.arrival_ms = arrival_ms;
    seen.latitude_e7 = to_e7(at.latitude);
    seen.longitude_e7 = to_e7(at.longitude);
    released_.push_back(seen);
  }
  [[nodiscard]] std::vector<HazardMatch> matches(std::int64_t bucket_ms, v1::Cell ring) const {
    return match_hazards({0, &outings_, &hazards_, &released_, &released_}, bucket_ms, ring);
  }

  std::vector<Outing> outings_;
  std::vector<Hazard> hazards_;
  std::vector<Seen> released_;
};

TEST_F(HazardMatchTest, WhatWasNotReleasedHasNoRecord) {
  hazard(1000);
  const auto found = matches(0, v1::CELL_UNSPECIFIED);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].first);
  EXPECT_FALSE(found[0].inside_ring);
}

TEST_F(HazardMatchTest, CoarseFirstAndFineLaterAreBothFound) {
  hazard(1000);
  released(hazards_[0].time_ms, 11'000, kStartMs + 1'002'000);
  released(hazards_[0].time_ms, 10'003, kStartMs + 1'150'000);
  const auto found = matches(0, v1::CELL_UNSPECIFIED);
  EXPECT_EQ(found[0].first->arrival_ms, kStartMs + 1'002'000);
  EXPECT_EQ(found[0].nearest->arrival_ms, kStartMs + 1'150'000);
}

TEST_F(HazardMatchTest, BucketedTimesMatchTheirHazard) {
  hazard(1000);
  const std::int64_t bucket_ms = 60'000;
  released(hazards_[0].time_ms / bucket_ms * bucket_ms, 10'000, kStartMs + 1'100'000);
  EXPECT_TRUE(matches(bucket_ms, v1::CELL_UNSPECIFIED)[0].first);
  EXPECT_FALSE(matches(0, v1::CELL_UNSPECIFIED)[0].first);
}

TEST_F(HazardMatchTest, HazardsNearTheEndsOfATripAreInsideTheRing) {
  for (const int second : {60, 1000, 1950}) hazard(second);
  const auto found = matches(0, v1::M1000);
  EXPECT_TRUE(found[0].inside_ring);
  EXPECT_FALSE(found[1].inside_ring);
  EXPECT_TRUE(found[2].inside_ring);
}

}  // namespace
}  // namespace sudare::sim::attack
