// Which released records tell of which hazard, for the delay and error of hazard reports.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/attack/world/release.h"
#include "sudare/v1/policy.pb.h"

namespace sudare::sim::attack {

struct HazardMatch {
  Hazard truth;
  // Before the trip's first exit from the 3 × 3 cells around its start, or after the last entry
  // into those around its end: where ring hold-back keeps fine places back.
  bool inside_ring = false;
  std::optional<Seen> first;    // to arrive
  std::optional<Seen> nearest;  // to the truth; the same one where only one came
};

// One per hazard, in their order. A record tells of a hazard if its released time is the hazard's,
// floored to `bucket_ms` (0: exact): of several in one bucket and place which is which stays open.
// `ring`: CELL_UNSPECIFIED where nothing is held back. Pure.
[[nodiscard]] std::vector<HazardMatch> match_hazards(const CarView& view, std::int64_t bucket_ms,
                                                     v1::Cell ring);

}  // namespace sudare::sim::attack
