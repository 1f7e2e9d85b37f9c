// Where people live, work and shop in a generated network: places beside roads.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/random.h"
#include "sim/world/routes.h"

namespace sudare::sim::attack {

// Draws places beside roads, as often beside a road as it is long. Immutable; any thread. Keeps a
// reference to `network`.
class RoadSide {
 public:
  struct Choice {
    double extent_meters = 0;       // half the side of the square that the road's ends lie in
    bool residential = true;        // else roads of all classes
    double drive_least_meters = 6;  // from the road
    double drive_most_meters = 25;
  };
  RoadSide(const RoadNetwork& network, const Choice& choice);

  [[nodiscard]] bool empty() const { return links_.empty(); }
  // There is at least one road.
  [[nodiscard]] RoadPlace draw(Random& random) const;

 private:
  struct Link {
    std::size_t from = 0;
    std::size_t to = 0;
    double meters_before = 0;  // of all links before this one
    double meters = 0;
  };

  const RoadNetwork& network_;
  Choice choice_;
  std::vector<Link> links_;
  double total_meters_ = 0;
};

[[nodiscard]] inline bool same_road(const RoadPlace& a, const RoadPlace& b) {
  return (a.from == b.from && a.to == b.to) || (a.from == b.to && a.to == b.from);
}

// Of `candidates` one of those whose distance from `from` as the crow flies is nearest to
// `wanted_meters`; never on the same road. There are at least three candidates.
[[nodiscard]] RoadPlace place_at_distance(const std::vector<RoadPlace>& candidates,
                                          const RoadPlace& from, double wanted_meters,
                                          Random& random);

}  // namespace sudare::sim::attack
