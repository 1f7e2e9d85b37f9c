// Joins of two purposes by content: equal times and cells. Identifiers differ between purposes;
// what a car did at a time does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"

namespace sudare::sim::attack {

struct JoinResult {
  double share_joined = 0;  // of the tracks of the first purpose: right partner, found as the best
  double by_chance = 0;
  std::size_t tracks = 0;
};

// Two purposes, read by one recipient or by two that collude: the same computation, other tracks.
// Records match where time bucket and cell are equal after both are brought to the coarser of the
// two mechanisms; rare matches weigh more (inverse document frequency). Where one of the purposes
// has no places at all, times alone must do; a track without records can't be joined.
[[nodiscard]] JoinResult join_by_content(const std::vector<Track>& first,
                                         const Knowledge& first_knowledge,
                                         const std::vector<Track>& second,
                                         const Knowledge& second_knowledge);

}  // namespace sudare::sim::attack
