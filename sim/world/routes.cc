#include "sim/world/routes.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <queue>
#include <utility>

namespace sudare::sim {

namespace {

// As fast as one turns out of a drive.
constexpr double kDriveKmh = 12;

double seconds_of(const Road& road, double meters) { return meters / (road.limit_kmh / 3.6); }

Stretch along(const Road& road, Point end, double meters, bool signal) {
  return {end, meters, road.limit_kmh, road.road_class, signal, road.link};
}

Stretch drive_to(Point from, Point to) {
  return {to, distance_meters(from, to), kDriveKmh, RoadClass::kResidential, false, 0};
}

// Metres from the place to one end of its road.
double meters_to_end(const RoadNetwork& network, const RoadPlace& place, std::size_t end) {
  if (end == place.from) return place.meters;
  return road_between(network, place.from, place.to).meters - place.meters;
}

}  // namespace

Point road_point(const RoadNetwork& network, const RoadPlace& place) {
  const Point from = network.junctions()[place.from].at;
  const Point to = network.junctions()[place.to].at;
  const double share = place.meters / road_between(network, place.from, place.to).meters;
  return {from.east + share * (to.east - from.east), from.north + share * (to.north - from.north)};
}

double length_meters(const Route& route) {
  double meters = 0;
  for (const Stretch& stretch : route.stretches) meters += stretch.meters;
  return meters;
}

Route reversed(const Route& route) {
  Route back;
  back.start = route.stretches.back().end;
  back.stretches.reserve(route.stretches.size());
  for (std::size_t i = route.stretches.size(); i-- > 0;) {
    Stretch stretch = route.stretches[i];
    stretch.end = i == 0 ? route.start : route.stretches[i - 1].end;
    stretch.signal = i > 0 && route.stretches[i - 1].signal;
    back.stretches.push_back(stretch);
  }
  return back;
}

RouteTree::RouteTree(const RoadNetwork& network, const RoadPlace& start)
    : network_(network),
      start_(start),
      seconds_(network.junctions().size(), std::numeric_limits<double>::infinity()),
      meters_(network.junctions().size(), 0),
      from_(network.junctions().size(), 0) {
  using Entry = std::pair<double, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  const Road& own = road_between(network, start.from, start.to);
  for (const std::size_t end : {start.from, start.to}) {
    meters_[end] = meters_to_end(network, start, end);
    seconds_[end] = seconds_of(own, meters_[end]);
    from_[end] = end;
    open.emplace(seconds_[end], end);
  }
  while (!open.empty()) {
    const auto [seconds, here] = open.top();
    open.pop();
    if (seconds > seconds_[here]) continue;
    for (const Road& road : network.junctions()[here].roads) {
      const double there = seconds + seconds_of(road, road.meters);
      if (there >= seconds_[road.to]) continue;
      seconds_[road.to] = there;
      meters_[road.to] = meters_[here] + road.meters;
      from_[road.to] = here;
      open.emplace(there, road.to);
    }
  }
}

RouteTree::Arrival RouteTree::arrival_at(const RoadPlace& place) const {
  const Road& road = road_between(network_, place.from, place.to);
  Arrival best{place.from, std::numeric_limits<double>::infinity(), 0};
  for (const std::size_t end : {place.from, place.to}) {
    const double meters = meters_to_end(network_, place, end);
    const double seconds = seconds_[end] + seconds_of(road, meters);
    if (seconds < best.seconds) best = {end, seconds, meters_[end] + meters};
  }
  return best;
}

double RouteTree::seconds_to(const RoadPlace& place) const { return arrival_at(place).seconds; }

double RouteTree::meters_to(const RoadPlace& place) const { return arrival_at(place).meters; }

Route RouteTree::route_to(const RoadPlace& place) const {
  const auto& junctions = network_.junctions();
  const Arrival arrival = arrival_at(place);
  assert(std::isfinite(arrival.seconds));
  std::vector<std::size_t> way{arrival.junction};
  while (from_[way.back()] != way.back()) way.push_back(from_[way.back()]);
  std::reverse(way.begin(), way.end());

  Route route;
  route.start = start_.at;
  route.stretches.reserve(way.size() + 3);
  const Point out = road_point(network_, start_);
  route.stretches.push_back(drive_to(start_.at, out));
  route.stretches.push_back(
      along(road_between(network_, start_.from, start_.to), junctions[way.front()].at,
            meters_to_end(network_, start_, way.front()), junctions[way.front()].signal));
  for (std::size_t i = 1; i < way.size(); ++i) {
    const Road& road = road_between(network_, way[i - 1], way[i]);
    route.stretches.push_back(
        along(road, junctions[way[i]].at, road.meters, junctions[way[i]].signal));
  }
  const Point in = road_point(network_, place);
  route.stretches.push_back(along(road_between(network_, place.from, place.to), in,
                                  meters_to_end(network_, place, way.back()), false));
  route.stretches.push_back(drive_to(in, place.at));
  return route;
}

}  // namespace sudare::sim
