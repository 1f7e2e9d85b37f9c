#include "sim/world/road_network.h"

#include <cassert>
#include <queue>
#include <utility>

namespace sudare::sim {

namespace {

// Every so many blocks a wider road: an arterial, and more rarely a trunk road.
constexpr std::size_t kBlocksPerArterial = 4;
constexpr std::size_t kBlocksPerTrunk = 16;
// How far a junction lies from the regular grid, in blocks.
constexpr double kJitter = 0.28;
constexpr double kSignalShareArterial = 0.45;
constexpr double kSignalShareResidential = 0.05;

double limit_kmh(RoadClass road_class) {
  switch (road_class) {
    case RoadClass::kTrunk: return 60;
    case RoadClass::kArterial: return 50;
    case RoadClass::kResidential: break;
  }
  return 30;
}

RoadClass class_of_line(std::size_t line) {
  if (line % kBlocksPerTrunk == kBlocksPerTrunk / 2) return RoadClass::kTrunk;
  if (line % kBlocksPerArterial == 0) return RoadClass::kArterial;
  return RoadClass::kResidential;
}

double seconds_of(const Road& road) { return road.meters / (road.limit_kmh / 3.6); }

}  // namespace

RoadNetwork::RoadNetwork(const NetworkShape& shape, Random random) {
  const std::size_t side = shape.blocks + 1;
  extent_meters_ = static_cast<double>(shape.blocks) * shape.block_meters / 2;
  junctions_.reserve(side * side);
  for (std::size_t row = 0; row < side; ++row) {
    for (std::size_t column = 0; column < side; ++column) {
      const double east = static_cast<double>(column) + kJitter * random.between(-1, 1);
      const double north = static_cast<double>(row) + kJitter * random.between(-1, 1);
      const bool wide = class_of_line(row) != RoadClass::kResidential ||
                        class_of_line(column) != RoadClass::kResidential;
      Junction junction;
      junction.at = {east * shape.block_meters - extent_meters_,
                     north * shape.block_meters - extent_meters_};
      junction.signal = random.chance(wide ? kSignalShareArterial : kSignalShareResidential);
      junctions_.push_back(std::move(junction));
    }
  }
  for (std::size_t row = 0; row < side; ++row) {
    for (std::size_t column = 0; column < side; ++column) {
      const std::size_t here = row * side + column;
      const auto missing = [&](RoadClass road_class) {
        return road_class == RoadClass::kResidential && random.chance(shape.missing_share);
      };
      if (column + 1 < side && !missing(class_of_line(row))) {
        connect(here, here + 1, class_of_line(row));
      }
      if (row + 1 < side && !missing(class_of_line(column))) {
        connect(here, here + side, class_of_line(column));
      }
    }
  }
  keep_largest_part();
}

RoadNetwork::RoadNetwork(RoadPlan plan)
    : junctions_(std::move(plan.junctions)), extent_meters_(plan.extent_meters) {
  for (const RoadPlan::Link& link : plan.links) connect(link.from, link.to, link.road_class);
  keep_largest_part();
}

void RoadNetwork::connect(std::size_t from, std::size_t to, RoadClass road_class) {
  const double meters = distance_meters(junctions_[from].at, junctions_[to].at);
  const std::uint64_t link = next_link_++;
  junctions_[from].roads.push_back({to, meters, limit_kmh(road_class), road_class, link});
  junctions_[to].roads.push_back({from, meters, limit_kmh(road_class), road_class, link});
}

// Junctions that can't be reached from most others lose their roads, so that a route exists
// between any two that have one.
void RoadNetwork::keep_largest_part() {
  std::vector<int> part(junctions_.size(), -1);
  std::vector<std::size_t> sizes;
  for (std::size_t start = 0; start < junctions_.size(); ++start) {
    if (part[start] >= 0) continue;
    const int name = static_cast<int>(sizes.size());
    sizes.push_back(0);
    std::vector<std::size_t> open{start};
    part[start] = name;
    while (!open.empty()) {
      const std::size_t here = open.back();
      open.pop_back();
      ++sizes.back();
      for (const Road& road : junctions_[here].roads) {
        if (part[road.to] >= 0) continue;
        part[road.to] = name;
        open.push_back(road.to);
      }
    }
  }
  const auto largest =
      static_cast<int>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
  for (std::size_t here = 0; here < junctions_.size(); ++here) {
    if (part[here] != largest) junctions_[here].roads.clear();
  }
}

namespace {

// Dijkstra from `start`, towards `end` with A*'s lower bound where `end` is a junction. Returns
// the time to each settled junction and from where it was reached.
struct Search {
  std::vector<double> seconds;
  std::vector<std::size_t> from;
};

Search search(const RoadNetwork& network, std::size_t start, const std::size_t* end) {
  const auto& junctions = network.junctions();
  Search result{std::vector<double>(junctions.size(), std::numeric_limits<double>::infinity()),
                std::vector<std::size_t>(junctions.size(), start)};
  const auto bound = [&](std::size_t here) {
    if (end == nullptr) return 0.0;
    return distance_meters(junctions[here].at, junctions[*end].at) /
           (limit_kmh(RoadClass::kTrunk) / 3.6);
  };
  using Entry = std::pair<double, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  result.seconds[start] = 0;
  open.emplace(bound(start), start);
  while (!open.empty()) {
    const auto [estimate, here] = open.top();
    open.pop();
    if (end != nullptr && here == *end) break;
    if (estimate > result.seconds[here] + bound(here)) continue;
    for (const Road& road : junctions[here].roads) {
      const double seconds = result.seconds[here] + seconds_of(road);
      if (seconds >= result.seconds[road.to]) continue;
      result.seconds[road.to] = seconds;
      result.from[road.to] = here;
      open.emplace(seconds + bound(road.to), road.to);
    }
  }
  return result;
}

}  // namespace

std::vector<double> travel_seconds(const RoadNetwork& network, std::size_t start) {
  return search(network, start, nullptr).seconds;
}

std::vector<std::size_t> quickest_route(const RoadNetwork& network, std::size_t start,
                                        std::size_t end) {
  const Search found = search(network, start, &end);
  if (!std::isfinite(found.seconds[end])) return {};
  std::vector<std::size_t> route{end};
  while (route.back() != start) route.push_back(found.from[route.back()]);
  std::reverse(route.begin(), route.end());
  return route;
}

const Road& road_between(const RoadNetwork& network, std::size_t from, std::size_t to) {
  const auto& roads = network.junctions()[from].roads;
  const auto road =
      std::find_if(roads.begin(), roads.end(), [&](const Road& r) { return r.to == to; });
  assert(road != roads.end());
  return *road;
}

}  // namespace sudare::sim
