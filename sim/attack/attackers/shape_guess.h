// Home attacks on the shape that a mechanism leaves: circles around what it hides, traces that were
// moved as a whole.
#pragma once

#include <optional>

#include "sim/attack/attackers/road_scores.h"
#include "sim/attack/attackers/scene.h"
#include "sim/random.h"

namespace sudare::sim::attack {

// First and last points lie just outside a circle around home (Hassan et al. 2018, section 5): of
// known radius where the policy tells, else of any from 100 m to 2.5 km.
[[nodiscard]] std::optional<Point> guess_circle(const Evidence& evidence, const Scene& scene,
                                                Random random);

// How well circles of the radius that the policy tells, around each candidate, explain the ends.
[[nodiscard]] Scores score_circle(const RoadCase& road_case);

// Noise drawn once per trip moves the trace as a whole: the shift that puts it on the roads is its
// inverse. Needs roads and such noise.
[[nodiscard]] std::optional<Point> guess_rigid_shift(const Evidence& evidence, const Scene& scene);

}  // namespace sudare::sim::attack
