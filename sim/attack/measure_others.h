// Attacks that don't look for a home: linking, joining, traffic analysis, uniqueness. Part of
// measure.h.
#pragma once

#include "sim/attack/measure.h"

namespace sudare::sim::attack {

// Adds metrics and the uniqueness curve; of fine positions also the goal of overnight linking,
// where the network has as many cars as it is set for.
void measure_others(const Released& released, const Tested& tested, Run& run,
                    const Neighbour& neighbour);

}  // namespace sudare::sim::attack
