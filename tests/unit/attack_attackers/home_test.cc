#include "sim/attack/attackers/home.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gateway/minimize/cell.h"
#include "sim/attack/attackers/goals.h"
#include "sim/attack/attackers/plane.h"
#include "tests/unit/attack_attackers/toy.h"

namespace sudare::sim::attack {
namespace {

const Toy& toy() {
  static const Toy toy(60, 14);
  return toy;
}

std::vector<Seen> all_of(const ToyTrip& trip) {
  std::vector<Seen> seen;
  for (const ToyFix& fix : trip.fixes) seen.push_back(seen_at(fix.time_ms, fix.at));
  return seen;
}

// Only fixes of a trip that pass.
template <typename Pass>
Toy::Release only(Pass pass) {
  return [pass](const ToyTrip& trip) {
    std::vector<Seen> seen;
    for (const ToyFix& fix : trip.fixes) {
      if (pass(trip, fix)) seen.push_back(seen_at(fix.time_ms, fix.at));
    }
    return seen;
  };
}

bool outside_ring(Point end, Point at) {
  const auto box = cell_box(Plane(toy_origin()), v1::M500, end);
  return !contains(ring_box(*box), at);
}

// From the first exit to the last entry, with an odometer if a step is given.
Toy::Release ring(double odometer_step_meters) {
  return [=](const ToyTrip& trip) {
    std::vector<Seen> seen;
    const auto& fixes = trip.fixes;
    const auto first = std::find_if(fixes.begin(), fixes.end(), [&](const ToyFix& fix) {
      return outside_ring(fixes.front().at, fix.at);
    });
    auto last = fixes.end();
    while (last != first && !outside_ring(fixes.back().at, std::prev(last)->at)) --last;
    for (auto fix = first; fix != last; ++fix) {
      seen.push_back(seen_at(fix->time_ms, fix->at));
      if (odometer_step_meters <= 0) continue;
      const double meters = trip.odometer_meters + fix->meters;
      const double step = odometer_step_meters;
      seen.back().odometer_km = static_cast<float>(std::floor(meters / step) * step / 1000);
    }
    return seen;
  };
}

Knowledge ring_knowledge() {
  Knowledge knowledge;
  knowledge.ring = v1::M500;
  return knowledge;
}

TEST(HomeAttackTest, NoRecordsNoGuess) {
  const Fleet fleet = toy().fleet([](const ToyTrip&) { return std::vector<Seen>(); });
  const HomeResult result = attack_homes(fleet, Knowledge{}, HomeOptions{});
  EXPECT_EQ(result.tracks, 0U);
  EXPECT_EQ(result.best.within_500m, 0);
}

TEST(HomeAttackTest, RawIsBroken) {
  const HomeResult result = attack_homes(toy().fleet(&all_of), Knowledge{}, HomeOptions{});
  EXPECT_TRUE(control_of(NegativeControl::kRaw, result, "toy").broken);
  EXPECT_GE(result.best.within_50m, 0.95);
}

TEST(HomeAttackTest, CentredCircleIsBroken) {
  Knowledge knowledge;
  knowledge.circle_meters = 500;
  const Fleet fleet = toy().fleet(only([](const ToyTrip& trip, const ToyFix& fix) {
    return distance_meters(trip.home, fix.at) >= 500;
  }));
  const HomeResult result = attack_homes(fleet, knowledge, HomeOptions{});
  EXPECT_TRUE(control_of(NegativeControl::kCentredCircle, result, "toy").broken)
      << result.best.within_100m;
}

TEST(HomeAttackTest, FreshNoiseIsBroken) {
  Knowledge knowledge;
  knowledge.noise_meters = 200;
  Random random(5);
  const auto noisy = [&](std::int64_t time_ms, Point at) {
    const double radius = -std::log((1 - random.unit()) * (1 - random.unit())) * 100;
    const double angle = random.between(0, 6.283);
    return seen_at(time_ms,
                   {at.east + radius * std::cos(angle), at.north + radius * std::sin(angle)});
  };
  const Fleet fleet = toy().fleet(
      [&](const ToyTrip& trip) {
        std::vector<Seen> seen;
        for (const ToyFix& fix : trip.fixes) seen.push_back(noisy(fix.time_ms, fix.at));
        return seen;
      },
      [&](std::int64_t time_ms, Point at) { return std::optional(noisy(time_ms, at)); });
  const HomeResult result = attack_homes(fleet, knowledge, HomeOptions{});
  EXPECT_TRUE(control_of(NegativeControl::kFreshNoise, result, "toy").broken)
      << result.best.within_100m;
}

TEST(HomeAttackTest, FixedTrimIsBroken) {
  Knowledge knowledge;
  knowledge.trim_meters = 500;
  const Fleet fleet = toy().fleet(only([](const ToyTrip& trip, const ToyFix& fix) {
    return fix.meters >= 500 && fix.meters <= trip.fixes.back().meters - 500;
  }));
  const HomeResult result = attack_homes(fleet, knowledge, HomeOptions{});
  EXPECT_TRUE(control_of(NegativeControl::kFixedTrim, result, "toy").broken)
      << result.best.within_100m;
}

TEST(HomeAttackTest, NoisePerTripIsUndone) {
  Knowledge knowledge;
  knowledge.noise_meters = 200;
  knowledge.noise_per_trip = true;
  Random random(6);
  const Fleet fleet = toy().fleet([&](const ToyTrip& trip) {
    const Point shift{250 * random.normal(), 250 * random.normal()};
    std::vector<Seen> seen;
    for (const ToyFix& fix : trip.fixes) {
      seen.push_back(seen_at(fix.time_ms, {fix.at.east + shift.east, fix.at.north + shift.north}));
    }
    return seen;
  });
  HomeOptions options;
  options.attacks = {HomeAttack::kRigidShift};
  EXPECT_GE(attack_homes(fleet, knowledge, options).best.within_100m, 0.7);
}

TEST(HomeAttackTest, RingHidesFromGuessesAtItsBorder) {
  HomeOptions options;
  options.attacks = {HomeAttack::kLastDestination, HomeAttack::kMedianOfEnds};
  const HomeResult result = attack_homes(toy().fleet(ring(0)), ring_knowledge(), options);
  EXPECT_LE(result.best.within_250m, 0.1);
}

TEST(HomeAttackTest, RingsMiddleCellIsFound) {
  HomeOptions options;
  options.attacks = {HomeAttack::kCellCentre};
  const HomeResult result = attack_homes(toy().fleet(ring(0)), ring_knowledge(), options);
  EXPECT_GE(result.best.within_500m, 0.8);
}

// Where a coarse odometer steps, its value is exact: beside a fine trace it tells as much as a fine
// one.
TEST(HomeAttackTest, EvenACoarseOdometerBesideAFineTraceUndoesTheRing) {
  HomeOptions options;
  options.attacks = {HomeAttack::kOdometer};
  for (const double step : {100.0, 1000.0}) {
    const Fleet fleet = toy().fleet(ring(step));
    EXPECT_GE(attack_homes(fleet, ring_knowledge(), options).best.within_100m, 0.5) << step;
  }
}

TEST(HomeAttackTest, GainFromTheOdometerIsMeasured) {
  HomeOptions options;
  options.attacks = {HomeAttack::kCellCentre, HomeAttack::kOdometer};
  const auto gains = gain_from_fields(toy().fleet(ring(100)), ring_knowledge(), options);
  ASSERT_EQ(gains.size(), 4U);
  EXPECT_EQ(gains[0].field, "odometer");
  EXPECT_GT(gains[0].gain_100m, 0.4);
  EXPECT_EQ(gains[1].gain_100m, 0);  // no speed is released
}

TEST(HomeAttackTest, NoAttackReadsTheTruthOfTheCarItGuesses) {
  Fleet fleet = toy().fleet(ring(0));
  const auto before = guess_homes(fleet, ring_knowledge(), HomeOptions{});
  fleet.truth[3].home = {0, 0};
  const auto after = guess_homes(fleet, ring_knowledge(), HomeOptions{});
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].track != 3) continue;
    for (std::size_t k = 0; k < before[i].guesses.size(); ++k) {
      ASSERT_EQ(before[i].guesses[k].has_value(), after[i].guesses[k].has_value());
      if (!before[i].guesses[k].has_value()) continue;
      EXPECT_EQ(before[i].guesses[k]->east, after[i].guesses[k]->east);
    }
  }
}

TEST(HomeAttackTest, PriorOfACellIsWhatTheMeshGivesAway) {
  Knowledge knowledge;
  knowledge.cell = v1::M1000;
  const Fleet fleet = toy().fleet([](const ToyTrip& trip) {
    std::vector<Seen> seen;
    for (const ToyFix& fix : trip.fixes) {
      Seen record = seen_at(fix.time_ms, fix.at);
      const auto centre = cell_centre({record.latitude_e7, record.longitude_e7}, v1::M1000);
      record.latitude_e7 = static_cast<std::int32_t>(centre->latitude_e7);
      record.longitude_e7 = static_cast<std::int32_t>(centre->longitude_e7);
      if (seen.empty() || seen.back().latitude_e7 != record.latitude_e7 ||
          seen.back().longitude_e7 != record.longitude_e7) {
        seen.push_back(record);
      }
    }
    return seen;
  });
  HomeOptions options;
  options.attacks = {HomeAttack::kCellCentre};
  const HomeResult result = attack_homes(fleet, knowledge, options);
  // π · 100² m² of 926.6 m · 1139 m: 3 %; less for cells whose corner holds the home.
  EXPECT_GT(result.uniform.within_100m, 0.02);
  EXPECT_LT(result.uniform.within_100m, 0.03);
  // At its middle, or where most of its roads meet, a guess is worth a little more.
  EXPECT_GE(result.best_point.within_100m, 0.0297);
  EXPECT_LT(result.best_point.within_100m, 0.08);
  EXPECT_DOUBLE_EQ(result.excess.within_100m,
                   result.chosen.within_100m - result.best_point.within_100m);
}

}  // namespace
}  // namespace sudare::sim::attack
