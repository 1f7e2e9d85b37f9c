#include <gtest/gtest.h>

#include "sim/attack/attackers/ciphertext_traffic.h"
#include "sim/attack/attackers/identifiers.h"
#include "sim/attack/attackers/joins.h"
#include "sim/attack/attackers/linkage.h"
#include "sim/attack/attackers/parked.h"
#include "sim/attack/attackers/poi.h"
#include "sim/attack/attackers/uniqueness.h"
#include "tests/unit/attack_attackers/toy.h"

namespace sudare::sim::attack {
namespace {

const Toy& toy() {
  static const Toy toy(40, 10);
  return toy;
}

std::vector<Seen> all_of(const ToyTrip& trip) {
  std::vector<Seen> seen;
  for (const ToyFix& fix : trip.fixes) seen.push_back(seen_at(fix.time_ms, fix.at));
  return seen;
}

std::vector<Seen> nothing_of(const ToyTrip&) { return {}; }

TEST(Places, NothingReleasedNothingFound) {
  const PoiScore score = attack_places(toy().fleet(&nothing_of), Knowledge{});
  EXPECT_EQ(score.found, 0U);
  EXPECT_EQ(score.f1, 0);
}

TEST(Places, RawGivesThemAllAway) {
  EXPECT_GE(attack_places(toy().fleet(&all_of), Knowledge{}).f1, 0.9);
}

TEST(Places, AShortStopIsNone) {
  Track track;
  for (int i = 0; i < 20; ++i) track.seen.push_back(seen_at(i * 10'000, {i * 100.0, 0}));
  for (int i = 0; i < 20; ++i) {
    track.seen.push_back(seen_at(190'000 + 600'000 + i * 10'000, {1900 + i * 100.0, 0}));
  }
  // Both ends of the track are pauses of no length.
  EXPECT_TRUE(extract_places(track, Knowledge{}, toy_origin()).empty());
}

TEST(Uniqueness, OneSharedTrackSinglesNobodyOut) {
  Fleet fleet = toy().fleet(&all_of);
  for (Track& track : fleet.tracks) track.seen = fleet.tracks.front().seen;
  for (const double share : uniqueness(fleet, UniquenessOptions{})) EXPECT_EQ(share, 0);
}

TEST(Uniqueness, MorePointsSingleMoreOut) {
  const auto shares = uniqueness(toy().fleet(&all_of), UniquenessOptions{});
  EXPECT_LT(shares[0], shares[3]);
  EXPECT_GT(shares[5], 0.9);
}

TEST(Parked, ValuesOfOneStopAreCounted) {
  const auto still = toy().fleet(
      &all_of, [](std::int64_t ms, Point at) { return std::optional(seen_at(ms, at)); });
  EXPECT_EQ(count_parked_values(still, Knowledge{}).distinct_most, 1U);
  const auto noisy = toy().fleet(&all_of, [](std::int64_t ms, Point at) {
    return std::optional(seen_at(ms, {at.east + static_cast<double>(ms / kHourMs % 50), at.north}));
  });
  EXPECT_GT(count_parked_values(noisy, Knowledge{}).distinct_most, 8U);
  EXPECT_EQ(count_parked_values(toy().fleet(&all_of), Knowledge{}).distinct_most, 0U);
}

TEST(Overnight, RawTracksLinkThemselves) {
  const LinkResult result = link_overnight(toy().fleet(&all_of), Knowledge{}, {0, 5, 1});
  EXPECT_GT(result.links, 100U);
  EXPECT_GE(result.share_right, 0.85);  // where homes are beside each other, they may be confused
  EXPECT_LT(result.by_chance, 0.1);
}

TEST(Overnight, CarsAreLeftOutDownToTheDensity) {
  const LinkResult result = link_overnight(toy().fleet(&all_of), Knowledge{}, {1, 5, 1});
  EXPECT_LT(result.cars_per_km2, 1.6);
}

TEST(Profiles, RotatingPseudonymsAloneDoesNotUnlink) {
  const LinkResult result = link_profiles(toy().fleet(&all_of), Knowledge{});
  EXPECT_EQ(result.links, 40U);
  EXPECT_GE(result.share_right, 0.9);
}

TEST(InDrive, DenseProbesOfFewCarsAreFollowed) {
  EXPECT_GE(link_in_drive(toy().fleet(&all_of), Knowledge{}, {10, 600'000, 60'000, 1}).share_right,
            0.8);
}

TEST(Dictionary, KeylessHashesAreAllFound) {
  std::vector<std::string> fleet;
  for (int i = 0; i < 200; ++i) fleet.push_back("ZVW30-" + std::to_string(1'000'000 + i));
  EXPECT_EQ(dictionary_attack(fleet, keyless_hashes(fleet)).found_hashed, 200U);
}

TEST(Dictionary, OtherSpellingsAreFound) {
  const std::vector<std::string> fleet{"ZVW30-1234567", "JTDKB20U093412345"};
  const auto found = dictionary_attack(fleet, {"id: ＺＶＷ３０－1234567!", "jtdkb20u093412345"});
  EXPECT_EQ(found.found_plain, 2U);
}

TEST(Dictionary, KeyedPseudonymsAreNot) {
  const std::vector<std::string> fleet{"ZVW30-1234567", "JTDKB20U093412345"};
  const auto found = dictionary_attack(fleet, {"9f86d081884c7d65", "ZVW30", "abc"});
  EXPECT_EQ(found.found, 0U);
  EXPECT_EQ(found.identifiers, 2U);
}

TEST(Joins, EqualTimesAndCellsJoinTwoPurposes) {
  const Fleet fleet = toy().fleet(&all_of);
  std::vector<Track> second(fleet.tracks.rbegin(), fleet.tracks.rend());
  Knowledge coarse;
  coarse.cell = v1::M1000;
  EXPECT_GE(join_by_content(fleet.tracks, Knowledge{}, second, coarse).share_joined, 0.95);
}

TEST(Joins, TimesAloneJoinWhereOnePurposeHasNoPlaces) {
  const Fleet fleet = toy().fleet(&all_of);
  std::vector<Track> placeless(fleet.tracks.rbegin(), fleet.tracks.rend());
  for (Track& track : placeless) {
    for (Seen& seen : track.seen) seen.latitude_e7 = seen.longitude_e7 = 0;
  }
  EXPECT_GE(join_by_content(fleet.tracks, {}, placeless, {}).share_joined, 0.5);
}

TEST(Joins, WithoutRecordsThereIsNothingToJoin) {
  const Fleet fleet = toy().fleet(&all_of);
  const Fleet nothing = toy().fleet(&nothing_of);
  EXPECT_EQ(join_by_content(fleet.tracks, {}, nothing.tracks, {}).share_joined, 0);
}

TEST(TrafficAnalysis, BatchesWhileDrivingShowTrips) {
  const Fleet fleet = toy().fleet(&all_of);
  std::vector<std::vector<CipherEvent>> connections;
  for (const CarTruth& truth : fleet.truth) {
    auto& events = connections.emplace_back();
    for (const DrivenTrip& trip : truth.trips) {
      for (auto ms = trip.start_ms; ms <= trip.end_ms; ms += 30'000) events.push_back({ms, 1024});
    }
  }
  const TrafficResult result = analyse_traffic(connections, fleet.truth, Knowledge{});
  EXPECT_GE(result.trip_precision, 0.95);
  EXPECT_GE(result.trip_recall, 0.95);
  EXPECT_GE(result.nights_at_home, 0.99);
}

TEST(TrafficAnalysis, SilenceShowsNothing) {
  const Fleet fleet = toy().fleet(&all_of);
  const std::vector<std::vector<CipherEvent>> none(fleet.truth.size());
  const TrafficResult result = analyse_traffic(none, fleet.truth, Knowledge{});
  EXPECT_EQ(result.trip_recall, 0);
  EXPECT_EQ(result.home_at_night, 0.5);
}

}  // namespace
}  // namespace sudare::sim::attack
