// Home attacks over the road network: distances, times and choices of way between the last point
// that was released and a home that must lie somewhere along a road.
#pragma once

#include <optional>

#include "sim/attack/attackers/scene.h"

namespace sudare::sim::attack {

// All need Scene::roads. Nothing where the evidence has nothing to work on.

// Back along the roads from every first and last point by the trimmed distance (Dhondt et al.
// 2022, "A run a day won't keep the hacker away", section 4). Needs a trim in the policy.
[[nodiscard]] std::optional<Point> guess_endpoint_zone(const Evidence& evidence,
                                                       const Scene& scene);

// Where the road distances to both sides of each pause add up to what the odometer counted.
[[nodiscard]] std::optional<Point> guess_odometer(const Evidence& evidence, const Scene& scene);

// Where driving takes the seconds that passed between start and first point, or between start and
// the next cell.
[[nodiscard]] std::optional<Point> guess_boundary_timing(const Evidence& evidence,
                                                         const Scene& scene);

// From where the exits that were used lie on the quickest ways to where the trips went.
[[nodiscard]] std::optional<Point> guess_route_choice(const Evidence& evidence, const Scene& scene);

}  // namespace sudare::sim::attack
