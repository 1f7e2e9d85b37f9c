// Linking records that carry no common identifier. The tracks of a fleet are cut apart, the
// attacker puts them together again; the share that he gets right counts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"

namespace sudare::sim::attack {

struct LinkResult {
  double share_right = 0;  // of the links that there are
  double by_chance = 0;    // expected of an attacker who guesses
  std::size_t links = 0;
  double cars_per_km2 = 0;  // of those compared, over the area in which 90 % of the homes lie
};

struct OvernightOptions {
  double cars_per_km2 = 7;  // cars are left out at random until there are no more; 0: all
  std::size_t nights = 10;
  std::uint64_t seed = 1;
};

// The last record of an evening with the first of the next morning (Hoh et al. 2007; Golle and
// Partridge 2009): pairs are weighed by the likelihood of their distance, and of one ring
// explaining both, as learned from the other half of the cars; assigned greedily, best first.
[[nodiscard]] LinkResult link_overnight(const Fleet& fleet, const Knowledge& knowledge,
                                        const OvernightOptions& options);

// Pseudonyms of one epoch with those of the next by where and when their trips begin and end
// (home/work profile). `fleet.tracks` has several epochs per car; with one epoch, tracks are cut in
// two at the middle of their time.
[[nodiscard]] LinkResult link_profiles(const Fleet& fleet, const Knowledge& knowledge);

struct InDriveOptions {
  std::size_t windows = 40;             // moments of the day that are tried
  std::int64_t window_ms = 600'000;     // each so long
  std::int64_t ahead_ms_max = 300'000;  // a successor comes at most so much later
  std::uint64_t seed = 1;
};

// Consecutive probes by predicting where a car is next from place, heading and speed (Gruteser and
// Hoh 2005, multi-target tracking). Of the records that have a later one of their car
// within reach, the share that is linked to one of their car.
[[nodiscard]] LinkResult link_in_drive(const Fleet& fleet, const Knowledge& knowledge,
                                       const InDriveOptions& options);

}  // namespace sudare::sim::attack
