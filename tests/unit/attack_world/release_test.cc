#include "sim/attack/world/release.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "gateway/minimize/cell.h"
#include "sim/stop.h"
#include "tests/unit/attack_world/policies.h"

namespace sudare::sim::attack {
namespace {

class ReleaseTest : public testing::Test {
 protected:
  [[nodiscard]] Released run(PurposeIndex purpose, ReleaseOptions options = {}) const {
    auto released = release(*world_, *policy_, purpose, options);
    EXPECT_TRUE(released);
    return std::move(*released);
  }
  [[nodiscard]] static std::size_t seen_of(const Fleet& fleet) {
    std::size_t count = 0;
    for (const Track& track : fleet.tracks) count += track.seen.size();
    return count;
  }

  std::unique_ptr<World> world_ = make_world(WorldKind::kGrid, {4, 9, 4, 5});
  std::unique_ptr<const Policy> policy_ = policy();
};

bool same(const Seen& a, const Seen& b) {
  return a.time_ms == b.time_ms && a.arrival_ms == b.arrival_ms && a.latitude_e7 == b.latitude_e7 &&
         a.longitude_e7 == b.longitude_e7;
}

TEST_F(ReleaseTest, TheNumberOfThreadsChangesNothing) {
  ReleaseOptions options;
  options.threads = 1;
  const Released one = run(kTraffic, options);
  options.threads = 3;
  const Released three = run(kTraffic, options);
  ASSERT_EQ(one.fleet.tracks.size(), three.fleet.tracks.size());
  for (std::size_t i = 0; i < one.fleet.tracks.size(); ++i) {
    const Track& a = one.fleet.tracks[i];
    const Track& b = three.fleet.tracks[i];
    ASSERT_EQ(a.car, b.car);
    ASSERT_EQ(a.seen.size(), b.seen.size());
    for (std::size_t j = 0; j < a.seen.size(); ++j) ASSERT_TRUE(same(a.seen[j], b.seen[j]));
  }
  ASSERT_EQ(one.ciphertexts.size(), three.ciphertexts.size());
  EXPECT_EQ(one.ciphertexts[2].size(), three.ciphertexts[2].size());
}

TEST_F(ReleaseTest, RecipientsGetCellCentresAndBuckets) {
  const Released released = run(kTraffic);
  ASSERT_GT(seen_of(released.fleet), 1000U);
  for (const Track& track : released.fleet.tracks) {
    for (const Seen& seen : track.seen) {
      const Position at{seen.latitude_e7, seen.longitude_e7};
      ASSERT_EQ(*cell_centre(at, v1::M1000), at);
      ASSERT_EQ(seen.time_ms % 60'000, 0);
    }
  }
}

TEST_F(ReleaseTest, ASpeedOfZeroIsToldFromOneThatIsNotReleased) {
  std::size_t standing = 0;
  for (const Track& track : run(kTraffic).fleet.tracks) {
    for (const Seen& seen : track.seen) {
      ASSERT_FALSE(std::isnan(seen.speed_kmh));
      ASSERT_TRUE(std::isnan(seen.heading_degrees));
      ASSERT_TRUE(std::isnan(seen.odometer_km));
      ASSERT_EQ(std::fmod(seen.speed_kmh, 5.0F), 0);
      if (seen.speed_kmh == 0) ++standing;
    }
  }
  EXPECT_GT(standing, 1000U);  // parked
}

TEST_F(ReleaseTest, ARecordArrivesAfterItsBucket) {
  for (const Track& track : run(kTraffic).fleet.tracks) {
    for (const Seen& seen : track.seen) {
      ASSERT_GE(seen.arrival_ms, seen.time_ms + 60'000);
      // Linger, the rest of its bucket, the next one.
      ASSERT_LT(seen.arrival_ms, seen.time_ms + 5 * 60'000);
    }
  }
}

TEST_F(ReleaseTest, EveryArrivalIsACiphertext) {
  const Released released = run(kTraffic);
  for (const Track& track : released.fleet.tracks) {
    std::set<std::int64_t> arrivals;
    for (const CipherEvent& event : released.ciphertexts[track.car]) {
      arrivals.insert(event.arrival_ms);
      EXPECT_EQ(event.bytes, released.ciphertexts[0][0].bytes);
    }
    for (const Seen& seen : track.seen) ASSERT_TRUE(arrivals.contains(seen.arrival_ms));
  }
}

TEST_F(ReleaseTest, APseudonymEndsWithItsEpochUnlessLinkageIsGranted) {
  const Released split = run(kWeekly);
  EXPECT_GE(split.fleet.tracks.size(), 2 * world_->cars());
  ReleaseOptions options;
  options.one_track_per_car = true;
  const Released joined = run(kWeekly, options);
  EXPECT_EQ(joined.fleet.tracks.size(), world_->cars());
  EXPECT_EQ(seen_of(split.fleet), seen_of(joined.fleet));
}

TEST_F(ReleaseTest, WithoutPseudonymTheOrderWithinABatchTellsNothing) {
  // One car's records of the owner are in order; of traffic some in a bucket are not.
  ReleaseOptions options;
  std::size_t backwards = 0;
  options.threads = 1;
  options.observer = [&](const CarView& view) {
    const auto& released = *view.released;
    for (std::size_t i = 1; i < released.size(); ++i) {
      ASSERT_LE(released[i - 1].time_ms, released[i].time_ms);
      if (released[i].speed_kmh < released[i - 1].speed_kmh) ++backwards;
    }
  };
  const Released released = run(kTraffic, options);
  EXPECT_GT(backwards, 100U);
}

TEST_F(ReleaseTest, OdometersComeOfStatusWithoutAPlace) {
  const Released released = run(kInsurer);
  ASSERT_GT(seen_of(released.fleet), 20U);
  for (const Track& track : released.fleet.tracks) {
    for (const Seen& seen : track.seen) {
      ASSERT_EQ(seen.latitude_e7, 0);
      ASSERT_EQ(std::fmod(seen.odometer_km, 1000.0F), 0);
    }
  }
}

TEST_F(ReleaseTest, ObserversSeeRawAndReleasedSideBySideAndEveryHazardOfAnExactPolicy) {
  ReleaseOptions options;
  options.keep_tracks = false;
  std::vector<std::size_t> hazards(world_->cars());
  options.observer = [&](const CarView& view) {
    ASSERT_EQ(view.hazards->size(), view.released_hazards->size());
    for (std::size_t i = 0; i < view.hazards->size(); ++i) {
      const Seen& seen = (*view.released_hazards)[i];
      EXPECT_EQ(seen.time_ms, (*view.hazards)[i].time_ms);
      EXPECT_EQ(seen.latitude_e7, to_e7((*view.hazards)[i].place.latitude));
    }
    EXPECT_FALSE(view.outings->empty());
    EXPECT_FALSE(view.released->empty());
    hazards[view.car] = view.hazards->size();
  };
  const Released released = run(kOwner, options);
  EXPECT_TRUE(released.fleet.tracks.empty());
  for (const std::size_t count : hazards) EXPECT_GT(count, 0U);
}

TEST_F(ReleaseTest, TruthIsOfEveryCarAndItsTrips) {
  const Released released = run(kTraffic);
  ASSERT_EQ(released.fleet.truth.size(), world_->cars());
  for (std::size_t car = 0; car < world_->cars(); ++car) {
    const CarTruth& truth = released.fleet.truth[car];
    EXPECT_EQ(truth.home.latitude, world_->home(car).latitude);
    EXPECT_EQ(truth.trips.size(), truth.stays.size());
    for (const DrivenTrip& trip : truth.trips) EXPECT_LE(trip.arterial_meters, trip.meters);
  }
}

TEST_F(ReleaseTest, ProgressCountsEveryCar) {
  ReleaseOptions options;
  std::vector<std::size_t> done;
  options.progress = [&](std::size_t cars, std::size_t total) {
    EXPECT_EQ(total, 4U);
    done.push_back(cars);
  };
  (void)run(kTraffic, options);
  EXPECT_EQ(done, (std::vector<std::size_t>{1, 2, 3, 4}));
}

TEST_F(ReleaseTest, AnotherSeedChangesWhenBatchesLeaveNotWhatIsInThem) {
  ReleaseOptions options;
  options.seed = 2;
  const Released a = run(kTraffic);
  const Released b = run(kTraffic, options);
  EXPECT_EQ(a.counts.released, b.counts.released);
  EXPECT_NE(a.ciphertexts[0][0].arrival_ms, b.ciphertexts[0][0].arrival_ms);
}

TEST_F(ReleaseTest, AfterASignalThereIsNoHalfFleet) {
  const auto child = [this] {
    catch_stop_signals();
    std::raise(SIGINT);
    std::exit(release(*world_, *policy_, kTraffic, {}) ? 1 : 0);
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sudare::sim::attack
