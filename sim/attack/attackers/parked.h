// A parked car must not talk: the same value again, or none. Distinct values average to the truth.
#pragma once

#include <cstddef>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"

namespace sudare::sim::attack {

struct ParkedResult {
  std::size_t stops = 0;          // true stays
  std::size_t distinct_most = 0;  // distinct positions released during one of them
  double distinct_mean = 0;       // over stops with a record
  double share_over_one = 0;      // of stops with a record
};

// Records whose time lies within a stay, at least one time bucket and 60 s from its ends.
[[nodiscard]] ParkedResult count_parked_values(const Fleet& fleet, const Knowledge& knowledge);

}  // namespace sudare::sim::attack
