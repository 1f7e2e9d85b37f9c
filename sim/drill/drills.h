// The drills. Each returns what was counted; an error: it could not be held.
#pragma once

#include "sim/drill/drill.h"
#include "sim/drill/ride.h"

namespace sudare::sim::drill {

// From the same ride: what these attackers had is what a cloud received.
[[nodiscard]] Parsed<DrillReport> public_bucket(const Ride& ride);
[[nodiscard]] Parsed<DrillReport> dictionary(const Ride& ride);
[[nodiscard]] Parsed<DrillReport> leaked_source(const Ride& ride);

[[nodiscard]] Parsed<DrillReport> outage(const DrillOptions& options);
[[nodiscard]] Parsed<DrillReport> stolen_unit(const DrillOptions& options);

}  // namespace sudare::sim::drill
