// Attacks that don't look for a home: linking, joining, traffic analysis, uniqueness. Part of
// measure.h.
#pragma once

#include "sim/attack/measure.h"

namespace sudare::sim::attack {

// Adds metrics and the uniqueness curve; of fine positions also the goal of overnight linking,
// where the network has as many cars as it is set for.
void measure_others(const Released& released, const Tested& tested, Run& run,
                    const Neighbour& neighbour);

inline constexpr double kPlacelessWeight = 3;

// A service without positions, joined with `neighbour` by what both have: adds a metric. A purpose
// whose records the simulated car doesn't send gives none.
[[nodiscard]] Parsed<Done> measure_placeless(const World& world, const Tested& tested,
                                             const Neighbour& neighbour, Run& run);

}  // namespace sudare::sim::attack
