// Home attacks that need positions and times alone.
#pragma once

#include <optional>

#include "sim/attack/attackers/scene.h"

namespace sudare::sim::attack {

// See HomeAttack for each one's source. Pure; nothing where the evidence has nothing to work on.
[[nodiscard]] std::optional<Point> guess_cell_centre(const Evidence& evidence, const Scene& scene);
[[nodiscard]] std::optional<Point> guess_last_destination(const Evidence& evidence);
[[nodiscard]] std::optional<Point> guess_dwell_median(const Evidence& evidence);
[[nodiscard]] std::optional<Point> guess_largest_cluster(const Evidence& evidence,
                                                         const Scene& scene);
[[nodiscard]] std::optional<Point> guess_night_mode(const Evidence& evidence, const Scene& scene);
[[nodiscard]] std::optional<Point> guess_median_of_ends(const Evidence& evidence);
[[nodiscard]] std::optional<Point> guess_parked_average(const Evidence& evidence);

}  // namespace sudare::sim::attack
