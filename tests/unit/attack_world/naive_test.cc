#include "sim/attack/world/naive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gateway/minimize/cell.h"

namespace sudare::sim::attack {
namespace {

Place place_of(const Seen& seen) { return {seen.latitude_e7 / 1e7, seen.longitude_e7 / 1e7}; }

class NaiveTest : public testing::Test {
 protected:
  [[nodiscard]] Released run(Mechanism mechanism, ReleaseOptions options = {}) const {
    auto released = release_naive(*world_, mechanism, 5000, options);
    EXPECT_TRUE(released);
    return std::move(*released);
  }
  // All that is released, with its car's home.
  template <class Check>
  void each(Mechanism mechanism, Check check) const {
    const Released released = run(mechanism);
    std::size_t count = 0;
    for (const Track& track : released.fleet.tracks) {
      for (const Seen& seen : track.seen) check(seen, world_->home(track.car));
      count += track.seen.size();
    }
    EXPECT_GT(count, 1000U);
  }
  [[nodiscard]] double nearest_to_home(Mechanism mechanism) const {
    double nearest = 1e9;
    each(mechanism, [&](const Seen& seen, Place home) {
      nearest = std::min(nearest, distance_meters(place_of(seen), home));
    });
    return nearest;
  }

  std::unique_ptr<World> world_ = make_world(WorldKind::kTown, {3, 4, 6, 5});
};

TEST_F(NaiveTest, RawEndsAtHome) { EXPECT_LT(nearest_to_home(Mechanism::kRaw), 10); }

TEST_F(NaiveTest, TheCircleHidesExactlyItself) {
  const double nearest = nearest_to_home(Mechanism::kCentredCircle);
  EXPECT_GE(nearest, 499);
  EXPECT_LT(nearest, 530);
}

TEST_F(NaiveTest, NoiseHasTheMeanItSays) {
  ReleaseOptions options;
  double meters = 0;
  double count = 0;
  options.threads = 1;
  options.observer = [&](const CarView& view) {
    // Parked at home the first night: each fix has noise of its own around one place.
    const Outing& outing = view.outings->front();
    for (const Seen& seen : *view.released) {
      if (seen.time_ms <= outing.driven.end_ms || seen.time_ms >= outing.stay.until_ms) continue;
      meters += distance_meters(place_of(seen), outing.stay.place);
      ++count;
    }
  };
  (void)run(Mechanism::kFreshNoise, options);
  ASSERT_GT(count, 100);
  EXPECT_NEAR(meters / count, 200, 30);
}

TEST_F(NaiveTest, TrimmedTripsBeginAndEndAsFarAwayAsDriven) {
  EXPECT_GT(nearest_to_home(Mechanism::kFixedTrim), 30);
  ReleaseOptions options;
  options.threads = 1;
  options.observer = [](const CarView& view) {
    const Trip& trip = view.outings->front().trip;
    double meters = 0;
    std::size_t i = 0;
    for (; trip.fixes[i].time_ms < view.released->front().time_ms; ++i) {
      meters += distance_meters(trip.fixes[i].place, trip.fixes[i + 1].place);
    }
    EXPECT_NEAR(meters, 500, 80);
  };
  (void)run(Mechanism::kFixedTrim, options);
}

TEST_F(NaiveTest, RoundedPlacesHaveThreeDecimals) {
  each(Mechanism::kRoundThreeDecimals, [](const Seen& seen, Place) {
    ASSERT_EQ(seen.latitude_e7 % 10'000, 0);
    ASSERT_EQ(seen.longitude_e7 % 10'000, 0);
  });
}

TEST_F(NaiveTest, MeshPlacesAreMiddlesOfCells) {
  each(Mechanism::kMesh250, [](const Seen& seen, Place) {
    const Position at{seen.latitude_e7, seen.longitude_e7};
    ASSERT_EQ(*cell_centre(at, v1::M250), at);
  });
}

TEST_F(NaiveTest, EndCellsHideATripUntilItLeavesTheCellOfItsStart) {
  const auto cell = [](Place place) {
    return *cell_of({to_e7(place.latitude), to_e7(place.longitude)}, v1::M1000);
  };
  ReleaseOptions options;
  options.threads = 1;
  options.observer = [&](const CarView& view) {
    const auto& fixes = view.outings->front().trip.fixes;
    std::size_t exit = 0;
    while (cell(fixes[exit].place) == cell(fixes[0].place)) ++exit;
    std::size_t entry = fixes.size();
    while (cell(fixes[entry - 1].place) == cell(fixes.back().place)) --entry;
    ASSERT_GT(entry, exit);
    EXPECT_EQ(view.released->front().time_ms, fixes[exit].time_ms);
    for (const Seen& seen : *view.released) {
      if (seen.time_ms > fixes.back().time_ms) break;
      EXPECT_LT(seen.time_ms, fixes[entry].time_ms);
    }
  };
  (void)run(Mechanism::kEndCellsOnly, options);
}

TEST_F(NaiveTest, TheNumberOfThreadsChangesNothing) {
  ReleaseOptions options;
  options.threads = 1;
  const Released one = run(Mechanism::kFreshNoise, options);
  options.threads = 2;
  const Released two = run(Mechanism::kFreshNoise, options);
  ASSERT_EQ(one.fleet.tracks.size(), two.fleet.tracks.size());
  for (std::size_t i = 0; i < one.fleet.tracks.size(); ++i) {
    ASSERT_EQ(one.fleet.tracks[i].seen.size(), two.fleet.tracks[i].seen.size());
    EXPECT_EQ(one.fleet.tracks[i].seen.back().latitude_e7,
              two.fleet.tracks[i].seen.back().latitude_e7);
  }
}

TEST_F(NaiveTest, FixesKeepTheInterval) {
  for (const Track& track : run(Mechanism::kRaw).fleet.tracks) {
    for (std::size_t i = 1; i < track.seen.size(); ++i) {
      ASSERT_GE(track.seen[i].time_ms - track.seen[i - 1].time_ms, 5000);
    }
  }
}

}  // namespace
}  // namespace sudare::sim::attack
