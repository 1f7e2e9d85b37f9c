// Quickest routes from places beside a road, which is where cars stand: homes, shops, works.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/world/road_network.h"

namespace sudare::sim {

// A place beside a road, and where its drive meets the road.
struct RoadPlace {
  std::size_t from = 0;  // the junctions at the road's ends
  std::size_t to = 0;
  double meters = 0;  // along the road, from `from`
  Point at;           // where one parks
};

// Part of a route: straight, on one road or drive.
struct Stretch {
  Point end;
  double meters = 0;
  double limit_kmh = 0;
  RoadClass road_class = RoadClass::kResidential;
  bool signal = false;     // at its end
  std::uint64_t link = 0;  // 0: a drive
};

struct Route {
  Point start;
  std::vector<Stretch> stretches;  // at least one; the last ends where one parks
};

// Pure; any thread.
[[nodiscard]] double length_meters(const Route& route);

// The way back: the same roads. Signals are those at the other ends.
[[nodiscard]] Route reversed(const Route& route);

// The quickest ways from one place to every other (Dijkstra). Keeps a reference to `network`.
// 24 bytes per junction; immutable, any thread.
class RouteTree {
 public:
  RouteTree(const RoadNetwork& network, const RoadPlace& start);

  // Of free driving; infinite where no road leads.
  [[nodiscard]] double seconds_to(const RoadPlace& place) const;
  // Along the quickest way, without drives.
  [[nodiscard]] double meters_to(const RoadPlace& place) const;
  // `place` is not on the start's own road, and connected.
  [[nodiscard]] Route route_to(const RoadPlace& place) const;

 private:
  // Through which end of its road `place` is reached, and what that costs.
  struct Arrival {
    std::size_t junction = 0;
    double seconds = 0;
    double meters = 0;
  };
  [[nodiscard]] Arrival arrival_at(const RoadPlace& place) const;

  const RoadNetwork& network_;
  RoadPlace start_;
  std::vector<double> seconds_;
  std::vector<double> meters_;
  std::vector<std::size_t> from_;  // itself at the ends of the start's road
};

// The point of the road that the place lies beside.
[[nodiscard]] Point road_point(const RoadNetwork& network, const RoadPlace& place);

}  // namespace sudare::sim
