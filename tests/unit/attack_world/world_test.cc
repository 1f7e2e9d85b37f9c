#include "sim/attack/world/world.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/clock.h"

namespace sudare::sim::attack {
namespace {

std::vector<Outing> days_of(const World& world, std::size_t car) {
  std::vector<Outing> outings;
  const auto days = world.days(car);
  for (Outing outing; days->next(outing);) outings.push_back(outing);
  return outings;
}

class Worlds : public testing::TestWithParam<WorldKind> {
 protected:
  [[nodiscard]] std::unique_ptr<World> world(std::size_t cars = 12, std::size_t days = 7,
                                             double mean_trip_km = 7.8) const {
    return make_world(GetParam(), {cars, days, mean_trip_km, 7});
  }
  [[nodiscard]] double mean_trip_km(double wanted) const {
    const auto world = this->world(30, 7, wanted);
    double meters = 0;
    std::size_t trips = 0;
    for (std::size_t car = 0; car < world->cars(); ++car) {
      for (const Outing& outing : days_of(*world, car)) {
        meters += outing.driven.meters;
        ++trips;
      }
    }
    return meters / 1000 / static_cast<double>(trips);
  }
};

TEST_P(Worlds, TwoRunsOverACarAreTheSame) {
  const auto a = days_of(*world(), 3);
  const auto b = days_of(*world(), 3);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].trip.fixes.size(), b[i].trip.fixes.size());
    EXPECT_EQ(a[i].trip.fixes.back().place.latitude, b[i].trip.fixes.back().place.latitude);
    EXPECT_EQ(a[i].stay.until_ms, b[i].stay.until_ms);
  }
}

TEST_P(Worlds, EveryDayEndsAtHome) {
  const auto world = this->world();
  for (std::size_t car = 0; car < world->cars(); ++car) {
    const auto outings = days_of(*world, car);
    ASSERT_FALSE(outings.empty());
    for (std::size_t i = 0; i < outings.size(); ++i) {
      const Stay& stay = outings[i].stay;
      if (stay.until_ms - stay.from_ms < 14 * 3'600'000) continue;
      EXPECT_LT(distance_meters(stay.place, world->home(car)), 1) << car << ' ' << i;
    }
    EXPECT_LT(distance_meters(outings.back().stay.place, world->home(car)), 1);
  }
}

TEST_P(Worlds, FixesComeOnceASecondAndOnceAMinuteWhileParked) {
  const auto outings = days_of(*world(), 0);
  std::int64_t last_ms = 0;
  for (const Outing& outing : outings) {
    const auto& fixes = outing.trip.fixes;
    EXPECT_GT(fixes.front().time_ms, last_ms);
    for (std::size_t i = 1; i < fixes.size(); ++i) {
      ASSERT_EQ(fixes[i].time_ms - fixes[i - 1].time_ms, 1000);
    }
    last_ms = fixes.back().time_ms;
    for (const Fix& fix : outing.parked) {
      ASSERT_EQ(fix.time_ms - last_ms, 60'000);
      last_ms = fix.time_ms;
    }
    EXPECT_LE(last_ms, outing.stay.until_ms);
  }
}

TEST_P(Worlds, AParkedReceiverWandersAroundTheTruth) {
  const auto outings = days_of(*world(), 1);
  for (const Outing& outing : outings) {
    if (outing.parked.size() < 200) continue;
    double meters = 0;
    for (const Fix& fix : outing.parked) meters += distance_meters(fix.place, outing.stay.place);
    const double mean = meters / static_cast<double>(outing.parked.size());
    EXPECT_GT(mean, 1);
    EXPECT_LT(mean, 8);
  }
}

TEST_P(Worlds, CarsKeepTheLimitAndDriveWithoutJumps) {
  for (const Outing& outing : days_of(*world(), 2)) {
    const auto& fixes = outing.trip.fixes;
    double meters = 0;
    for (std::size_t i = 1; i < fixes.size(); ++i) {
      const double step = distance_meters(fixes[i - 1].place, fixes[i].place);
      ASSERT_LT(step, 22) << i;
      ASSERT_LE(fixes[i].speed_kmh, 60 * 1.1);
      meters += fixes[i].speed_kmh / 3.6;
    }
    EXPECT_NEAR(meters / outing.driven.meters, 1, 0.1);
  }
}

TEST_P(Worlds, TripsHaveTheWantedMean) {
  EXPECT_NEAR(mean_trip_km(7.8), 7.8, 1.2);
  EXPECT_NEAR(mean_trip_km(20), 20, 3);
}

TEST_P(Worlds, ACarMakesAboutTwoTripsAndAHalfADay) {
  const auto world = this->world(40, 7);
  std::size_t trips = 0;
  for (std::size_t car = 0; car < world->cars(); ++car) trips += days_of(*world, car).size();
  EXPECT_NEAR(static_cast<double>(trips) / 40 / 7, 2.7, 0.3);
}

TEST_P(Worlds, NoCarIsNoError) { EXPECT_EQ(world(0)->cars(), 0U); }

INSTANTIATE_TEST_SUITE_P(All, Worlds,
                         testing::Values(WorldKind::kGrid, WorldKind::kTown, WorldKind::kRural));

TEST(World, FourHundredCarsOfTheCityLiveSevenToTheSquareKilometre) {
  const auto world = make_world(WorldKind::kGrid, {400, 1, 7.8, 1});
  double east = 0;
  double north = 0;
  for (std::size_t car = 0; car < world->cars(); ++car) {
    const Point home = to_point(world->origin(), world->home(car));
    east = std::max(east, std::abs(home.east));
    north = std::max(north, std::abs(home.north));
  }
  EXPECT_NEAR(400 / (4 * east * north / 1e6), 7, 0.5);
}

TEST(World, AnotherSeedMovesTheHomes) {
  const auto a = make_world(WorldKind::kTown, {1, 1, 7.8, 1});
  const auto b = make_world(WorldKind::kTown, {1, 1, 7.8, 2});
  EXPECT_GT(distance_meters(a->home(0), b->home(0)), 1);
}

}  // namespace
}  // namespace sudare::sim::attack
