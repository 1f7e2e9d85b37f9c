#include "sim/attack/world/places.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace sudare::sim::attack {

namespace {

// Nobody's drive starts on a crossing.
constexpr double kEndsShare = 0.1;
// Among so many that lie about as far as wanted, chance decides.
constexpr std::size_t kNearestCount = 6;

bool inside(Point at, double extent_meters) {
  return std::abs(at.east) <= extent_meters && std::abs(at.north) <= extent_meters;
}

}  // namespace

RoadSide::RoadSide(const RoadNetwork& network, const Choice& choice)
    : network_(network), choice_(choice) {
  const auto& junctions = network.junctions();
  for (std::size_t from = 0; from < junctions.size(); ++from) {
    if (!inside(junctions[from].at, choice.extent_meters)) continue;
    for (const Road& road : junctions[from].roads) {
      // Each road once.
      if (road.to < from || !inside(junctions[road.to].at, choice.extent_meters)) continue;
      if (choice.residential && road.road_class != RoadClass::kResidential) continue;
      links_.push_back({from, road.to, total_meters_, road.meters});
      total_meters_ += road.meters;
    }
  }
}

RoadPlace RoadSide::draw(Random& random) const {
  assert(!links_.empty());
  const double at_meters = random.unit() * total_meters_;
  const auto after =
      std::upper_bound(links_.begin(), links_.end(), at_meters,
                       [](double meters, const Link& link) { return meters < link.meters_before; });
  const Link& link = *(after - 1);
  RoadPlace place{link.from, link.to, link.meters * random.between(kEndsShare, 1 - kEndsShare), {}};
  const Point from = network_.junctions()[link.from].at;
  const Point to = network_.junctions()[link.to].at;
  const double drive = random.between(choice_.drive_least_meters, choice_.drive_most_meters) *
                       (random.chance(0.5) ? 1 : -1) / link.meters;
  const Point beside = road_point(network_, place);
  place.at = {beside.east + drive * (to.north - from.north),
              beside.north - drive * (to.east - from.east)};
  return place;
}

RoadPlace place_at_distance(const std::vector<RoadPlace>& candidates, const RoadPlace& from,
                            double wanted_meters, Random& random) {
  struct Ranked {
    double off_meters;
    std::size_t index;
  };
  std::vector<Ranked> ranked;
  ranked.reserve(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (same_road(candidates[i], from)) continue;
    const double meters = distance_meters(candidates[i].at, from.at);
    ranked.push_back({std::abs(meters - wanted_meters), i});
  }
  const std::size_t count = std::min(kNearestCount, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    ranked.end(), [](const Ranked& a, const Ranked& b) {
                      return a.off_meters != b.off_meters ? a.off_meters < b.off_meters
                                                          : a.index < b.index;
                    });
  return candidates[ranked[random.below(count)].index];
}

}  // namespace sudare::sim::attack
