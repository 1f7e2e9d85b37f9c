#include "tests/unit/attack_attackers/toy.h"

#include <algorithm>
#include <cmath>

namespace sudare::sim::attack {

namespace {

constexpr double kMetersPerSecond = 10;
constexpr double kFixSeconds = 5;

std::vector<ToyFix> drive(const std::vector<Point>& way, std::int64_t start_ms) {
  std::vector<ToyFix> fixes;
  double driven = 0;
  double next = 0;
  for (std::size_t i = 1; i < way.size(); ++i) {
    const double meters = distance_meters(way[i - 1], way[i]);
    for (; next <= driven + meters; next += kFixSeconds * kMetersPerSecond) {
      const double share = meters > 0 ? (next - driven) / meters : 0;
      fixes.push_back({start_ms + std::llround(next / kMetersPerSecond * 1000),
                       {way[i - 1].east + share * (way[i].east - way[i - 1].east),
                        way[i - 1].north + share * (way[i].north - way[i - 1].north)},
                       next});
    }
    driven += meters;
  }
  fixes.push_back({start_ms + std::llround(driven / kMetersPerSecond * 1000), way.back(), driven});
  return fixes;
}

}  // namespace

Place toy_origin() { return {35.08, 137.15}; }

Seen seen_at(std::int64_t time_ms, Point at) {
  const Place place = to_place(toy_origin(), at);
  Seen seen;
  seen.time_ms = seen.arrival_ms = time_ms;
  seen.latitude_e7 = to_e7(place.latitude);
  seen.longitude_e7 = to_e7(place.longitude);
  return seen;
}

Toy::Toy(std::size_t cars, std::size_t days)
    : network_(NetworkShape{40, 200, 0.18}, Random(7)), roads_(network_) {
  Random random(11);
  while (cars_.size() < cars) {
    auto car = make_car(days, random);
    if (car.has_value()) cars_.push_back(std::move(*car));
  }
}

std::vector<Point> Toy::way(Spot from, Spot to) const {
  const auto& edges = roads_.edges();
  const auto& junctions = network_.junctions();
  double least = 1e18;
  std::vector<std::size_t> best;
  for (const std::size_t start : {edges[from.edge].from, edges[from.edge].to}) {
    const auto seconds = travel_seconds(network_, start);
    for (const std::size_t end : {edges[to.edge].from, edges[to.edge].to}) {
      const double all = seconds[end] + distance_meters(roads_.at(from), junctions[start].at) / 8 +
                         distance_meters(roads_.at(to), junctions[end].at) / 8;
      if (all >= least) continue;
      least = all;
      best = quickest_route(network_, start, end);
    }
  }
  std::vector<Point> points{roads_.at(from)};
  for (const std::size_t junction : best) points.push_back(junctions[junction].at);
  points.push_back(roads_.at(to));
  return points;
}

std::optional<Toy::Car> Toy::make_car(std::size_t days, Random& random) const {
  const auto draw = [&](double extent) {
    const Point at{random.between(-extent, extent), random.between(-extent, extent)};
    const auto spot = roads_.nearest(at, 200);
    const bool lived_in =
        spot.has_value() && roads_.edges()[spot->edge].road_class == RoadClass::kResidential;
    return lived_in ? spot : std::nullopt;
  };
  const auto home = draw(1800);
  std::vector<Spot> others;
  for (int i = 0; i < 14; ++i) {
    const auto other = draw(3800);
    if (!home.has_value() || !other.has_value()) continue;
    if (distance_meters(roads_.at(*other), roads_.at(*home)) > 2500) others.push_back(*other);
  }
  if (others.size() < 3) return std::nullopt;
  Car car;
  car.home = roads_.at(*home);
  car.work = roads_.at(others.front());
  double odometer = random.between(1000, 90'000);
  for (std::size_t day = 0; day < days; ++day) {
    const Spot there = random.chance(0.4) ? others[0] : others[random.below(others.size())];
    const std::int64_t day_ms = kToyStartMs + static_cast<std::int64_t>(day) * 24 * kHourMs;
    for (const bool out : {true, false}) {
      const auto points = out ? way(*home, there) : way(there, *home);
      const auto start_ms =
          day_ms + static_cast<std::int64_t>((out ? 8 : 18) * kHourMs + random.between(0, 3e6));
      car.trips.push_back({drive(points, start_ms), car.home, odometer});
      odometer += car.trips.back().fixes.back().meters;
    }
  }
  return car;
}

Fleet Toy::fleet(const Release& release, const Parked& parked) const {
  Fleet fleet;
  fleet.name = "toy";
  fleet.origin = toy_origin();
  fleet.network = &network_;
  for (const Car& car : cars_) {
    CarTruth truth;
    truth.home = to_place(toy_origin(), car.home);
    truth.work = to_place(toy_origin(), car.work);
    Track track;
    track.car = fleet.truth.size();
    for (std::size_t i = 0; i < car.trips.size(); ++i) {
      const ToyTrip& trip = car.trips[i];
      const ToyFix& end = trip.fixes.back();
      for (const Seen& seen : release(trip)) track.seen.push_back(seen);
      const std::int64_t until_ms = i + 1 < car.trips.size()
                                        ? car.trips[i + 1].fixes.front().time_ms
                                        : end.time_ms + 12 * kHourMs;
      truth.stays.push_back({to_place(toy_origin(), end.at), end.time_ms, until_ms});
      truth.trips.push_back({trip.fixes.front().time_ms, end.time_ms, end.meters, 0});
      for (std::int64_t ms = end.time_ms + kHourMs; parked && ms < until_ms; ms += kHourMs) {
        if (const auto seen = parked(ms, end.at)) track.seen.push_back(*seen);
      }
    }
    fleet.truth.push_back(std::move(truth));
    fleet.tracks.push_back(std::move(track));
  }
  return fleet;
}

}  // namespace sudare::sim::attack
