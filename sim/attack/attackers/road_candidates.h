// What the attacks over roads share: places where home may be, and trip ends on their roads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/attack/attackers/scene.h"

namespace sudare::sim::attack {

// Where home may be: spots every so many metres along the roads of home_box, or more sparsely, so
// that there are at most a few thousand.
struct Candidates {
  std::vector<Spot> spots;
  std::vector<Point> points;
};

// Trip ends on the same road, in the same direction, at about the same place.
struct Exit {
  Spot spot;
  int back = 0;                   // the direction in which home lies (Reach::search)
  std::vector<std::size_t> ends;  // indexes into Evidence::ends
  Point far;
};

// One track's case. Views of what it was made from; valid until the next case of the same scene.
struct RoadCase {
  const Evidence& evidence;
  const Scene& scene;  // with roads
  Area box;            // home_box
  Candidates candidates;
};
[[nodiscard]] RoadCase road_case(const Evidence& evidence, const Scene& scene);

// Of ends beside pauses at home, most used first, at most `most`. Ends off the roads are left out.
[[nodiscard]] std::vector<Exit> exits_of(const RoadCase& road_case, double same_meters,
                                         std::size_t most);

// Quickest ways from an exit back to each candidate.
[[nodiscard]] std::vector<Way> ways_back(const Exit& exit, const RoadCase& road_case,
                                         double seconds_most);

[[nodiscard]] std::optional<Point> likeliest(const Candidates& candidates,
                                             const std::vector<double>& scores);

}  // namespace sudare::sim::attack
