#include "sim/attack/attackers/evidence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "sim/attack/attackers/regression.h"
#include "tests/unit/attack_attackers/toy.h"

namespace sudare::sim::attack {
namespace {

constexpr std::int64_t kMs = 1000;

class EvidenceTest : public ::testing::Test {
 protected:
  // Eastward at 10 m/s, a fix every 10 s.
  void drive(std::int64_t start_ms, double from_east, int fixes) {
    for (int i = 0; i < fixes; ++i) {
      track_.seen.push_back(seen_at(start_ms + i * 10 * kMs, {from_east + i * 100.0, 0}));
    }
  }
  const Evidence& read() {
    reader_.emplace(toy_origin(), knowledge_, Fields{});
    return reader_->read(track_);
  }

  Knowledge knowledge_;
  Track track_;
  std::optional<EvidenceReader> reader_;
};

TEST_F(EvidenceTest, NothingReleasedIsNothing) {
  EXPECT_TRUE(read().at.empty());
  EXPECT_TRUE(read().ends.empty());
}

TEST_F(EvidenceTest, AGapOfANightIsAPauseAtHome) {
  drive(kToyStartMs + 20 * kHourMs, 0, 20);
  drive(kToyStartMs + 32 * kHourMs, 2000, 20);
  const Evidence& evidence = read();
  ASSERT_EQ(evidence.ends.size(), 4U);
  ASSERT_EQ(evidence.pauses.size(), 3U);
  const Pause& night = evidence.pauses[1];
  EXPECT_NEAR(night.night_hours, 9, 0.01);
  EXPECT_TRUE(night.home);
  EXPECT_NEAR(night.middle.east, 1950, 1);
}

TEST_F(EvidenceTest, RecordsAtRestAreAPauseToo) {
  drive(kToyStartMs, 0, 20);
  for (int i = 1; i < 30; ++i) {
    track_.seen.push_back(seen_at(kToyStartMs + 190 * kMs + i * 60 * kMs, {1900, 3.0 * (i % 2)}));
  }
  drive(kToyStartMs + kHourMs, 1900, 20);
  EXPECT_EQ(read().ends.size(), 4U);
}

TEST_F(EvidenceTest, RecordsWithoutPositionTellWhenTheTripBegan) {
  for (int i = 0; i < 6; ++i) {
    Seen sign;
    sign.time_ms = kToyStartMs + i * 10 * kMs;
    track_.seen.push_back(sign);
  }
  drive(kToyStartMs + 60 * kMs, 600, 20);
  const Evidence& evidence = read();
  ASSERT_EQ(evidence.ends.size(), 2U);
  EXPECT_NEAR(evidence.ends[0].hidden_seconds, 60, 0.01);
  EXPECT_TRUE(std::isnan(evidence.ends[1].hidden_seconds));
}

TEST_F(EvidenceTest, WhereACoarseOdometerStepsItIsExact) {
  knowledge_.odometer_step_km = 1;
  drive(kToyStartMs, 0, 20);
  // 10.35 km at the first fix: 11 km is passed between 600 and 700 m later.
  for (int i = 0; i < 20; ++i) {
    track_.seen[static_cast<std::size_t>(i)].odometer_km =
        std::floor(10.35F + 0.1F * static_cast<float>(i));
  }
  const Evidence& evidence = read();
  EXPECT_NEAR(evidence.ends[0].odometer_meters, 10'350, 60);
  EXPECT_LT(evidence.ends[0].odometer_slack_meters, 100);
}

TEST_F(EvidenceTest, CoarseHazardsAmongFineFixesAreNoTripEnds) {
  knowledge_.ring = v1::M1000;
  drive(kToyStartMs + 600 * kMs, 0, 20);
  Seen hazard = seen_at(kToyStartMs + 300 * kMs, {-900, 0});
  const auto centre = cell_centre({hazard.latitude_e7, hazard.longitude_e7}, v1::M1000);
  ASSERT_TRUE(centre.has_value());
  hazard.latitude_e7 = static_cast<std::int32_t>(centre->latitude_e7);
  hazard.longitude_e7 = static_cast<std::int32_t>(centre->longitude_e7);
  track_.seen.insert(track_.seen.begin(), hazard);
  EXPECT_EQ(read().at.size(), 20U);
}

TEST(OdometerStep, IsReadOffTheValues) {
  EXPECT_EQ(odometer_step_meters({2000, 4000, 12'000}), 2000);
  EXPECT_EQ(odometer_step_meters({2100, 4000}), 100);
  EXPECT_EQ(odometer_step_meters({2143, 4000}), 0);
}

TEST(Regression, LearnsFromTheOtherFold) {
  Random random(1);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < 200; ++i) {
    const double a = random.normal();
    const double b = random.normal();
    samples.push_back({{a, b, 7}, {300 * a + 50, -200 * b}, i % 2});
  }
  const auto offsets = regress_two_fold(samples);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_LT(distance_meters(offsets[i], samples[i].offset), 60);
  }
}

TEST(Regression, DoesNotLookAtItsOwnFold) {
  Random random(2);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < 100; ++i) {
    samples.push_back({{random.normal()}, {100 * random.normal(), 0}, i % 2});
  }
  const Point before = regress_two_fold(samples)[4];
  samples[4].offset = {1e6, 1e6};
  EXPECT_EQ(regress_two_fold(samples)[4].east, before.east);
}

}  // namespace
}  // namespace sudare::sim::attack
