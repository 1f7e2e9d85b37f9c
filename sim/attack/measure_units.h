// What roads don't matter for: whole cars, identities and all, through whole units; for all
// purposes of one policy at once. Part of measure.h.
#pragma once

#include <cstdint>

#include "sim/attack/measure.h"

namespace sudare::sim::attack {

// The share of a run's time, in the unit of Steps, that a million messages take.
inline constexpr double kMillionMessagesWeight = 8;

// Adds the goals of leaks (what is sent and what lies on the disk, looked through for everything
// that was planted) and of the dictionary (what services receive in the clear, against every
// identifier of the fleet as it is and hashed). Logs are not part of it: tests/system/gateway looks
// at those of the real program.
[[nodiscard]] Parsed<Done> measure_units(const Policy& policy, const std::string& subject,
                                         Run& run);

// Adds the goal of cost: every fix of a car's day, through the subject's rules, by itself.
[[nodiscard]] Parsed<Done> measure_cost(const Tested& tested, Run& run);

}  // namespace sudare::sim::attack
