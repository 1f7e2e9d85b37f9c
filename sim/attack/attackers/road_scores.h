// What each piece of evidence says, over the road network, about where home is: logarithms of
// likelihoods, one per candidate of a case.
#pragma once

#include <optional>
#include <vector>

#include "sim/attack/attackers/road_candidates.h"

namespace sudare::sim::attack {

// Nothing: the evidence has nothing of this kind.
using Scores = std::optional<std::vector<double>>;

// Back along the roads from every first and last point by the trimmed distance.
[[nodiscard]] Scores score_endpoint_zone(const RoadCase& road_case);
// The road distances to both sides of each pause add up to what the odometer counted.
[[nodiscard]] Scores score_odometer(const RoadCase& road_case);
// The exits that were used lie on the quickest ways to where the trips went.
[[nodiscard]] Scores score_route_choice(const RoadCase& road_case);
// Driving takes the seconds that passed between start and first point, or the cell's border.
[[nodiscard]] Scores score_boundary_timing(const RoadCase& road_case);

}  // namespace sudare::sim::attack
