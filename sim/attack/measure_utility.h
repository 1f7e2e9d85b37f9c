// What is left for the service, and the goals that keep a policy from winning by silence. Part of
// measure.h.
#pragma once

#include "sim/attack/measure.h"

namespace sudare::sim::attack {

inline constexpr double kLongTripsWeight = 2;

// Metrics, and the goals of utility that the subject is held to.
void add_utility(const Observed& observed, const Tested& tested, const std::string& network,
                 Report& report);

// Fine positions once more, in a world of long trips: a ring costs them less. Utility only.
[[nodiscard]] Parsed<Done> measure_long_trips(WorldKind kind, const Tested& tested, Run& run);

}  // namespace sudare::sim::attack
