// Extraction of places of interest: stays of 15 minutes within 200 m (Li et al. 2008, "Mining user
// similarity based on location history", section 3.1), clustered into places.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"

namespace sudare::sim::attack {

struct PoiScore {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::size_t found = 0;
  std::size_t true_places = 0;
};

// Places at which a car seems to have stayed, metres around `origin`. A stay is a run of records
// that remain near its first for 15 minutes (their geometric median), or a pause of 15 minutes
// between two records (the car is where it was last seen); stays within 200 m are one place.
[[nodiscard]] std::vector<Point> extract_places(const Track& track, const Knowledge& knowledge,
                                                Place origin);

// Over all tracks: a found place counts where a true stay of 15 minutes or more in the time of the
// track lies within 100 m; each true place matches one. Micro-averaged. Where positions are held
// back, the middle between last and next record is tried as well; the better F1 counts.
[[nodiscard]] PoiScore attack_places(const Fleet& fleet, const Knowledge& knowledge);

}  // namespace sudare::sim::attack
