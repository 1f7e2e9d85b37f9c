// What the trained home attack looks at.
#pragma once

#include <optional>
#include <vector>

#include "sim/attack/attackers/scene.h"

namespace sudare::sim::attack {

// Where offsets are measured from: the middle of the revealed cell, else the anchor.
[[nodiscard]] Point feature_base(const Evidence& evidence, const Scene& scene);

// Offsets of other attacks' guesses, where trips leave and arrive, at what speed and heading, and
// where the cell's roads are. The same number for every track; no NaN.
[[nodiscard]] std::vector<double> features_of(const Evidence& evidence, const Scene& scene,
                                              Point base,
                                              const std::vector<std::optional<Point>>& guesses);

}  // namespace sudare::sim::attack
