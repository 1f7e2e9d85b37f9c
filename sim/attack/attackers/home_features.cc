#include "sim/attack/attackers/home_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace sudare::sim::attack {

namespace {

constexpr std::size_t kOctants = 8;

std::size_t octant(Point from, Point to) {
  return static_cast<std::size_t>(heading_degrees(from, to) / 45) % kOctants;
}

// Shares of trips by the octant in which they leave or arrive, and what was released with the
// records there.
void add_ends(const Evidence& evidence, Point base, std::vector<double>& features) {
  std::array<double, kOctants> leaves{};
  std::array<double, kOctants> next{};
  double east = 0;
  double north = 0;
  double speed = 0;
  double seconds = 0;
  double count = 0;
  for (const std::size_t i : evidence.home_ends) {
    const TripEnd& end = evidence.ends[i];
    ++count;
    ++leaves[octant(base, end.at)];
    ++next[octant(end.at, end.inner)];
    if (!std::isnan(end.heading_degrees)) {
      const double sign = end.start ? 1 : -1;
      east += sign * std::sin(end.heading_degrees * kDegree);
      north += sign * std::cos(end.heading_degrees * kDegree);
    }
    if (!std::isnan(end.speed_kmh)) speed += end.speed_kmh;
    if (!std::isnan(end.hidden_seconds)) seconds += std::min(end.hidden_seconds, 1200.0);
  }
  count = std::max(count, 1.0);
  for (const double value : leaves) features.push_back(value / count);
  for (const double value : next) features.push_back(value / count);
  for (const double value : {east, north, speed, seconds}) features.push_back(value / count);
}

}  // namespace

Point feature_base(const Evidence& evidence, const Scene& scene) {
  const auto cells = revealed_cells(evidence, scene);
  return cells.empty() ? evidence.anchor : middle_of(cells.front());
}

std::vector<double> features_of(const Evidence& evidence, const Scene& scene, Point base,
                                const std::vector<std::optional<Point>>& guesses) {
  std::vector<double> features;
  const auto add = [&](const std::optional<Point>& at) {
    features.push_back(at.has_value() ? std::clamp(at->east - base.east, -3000.0, 3000.0) : 0);
    features.push_back(at.has_value() ? std::clamp(at->north - base.north, -3000.0, 3000.0) : 0);
  };
  for (const auto& guess : guesses) add(guess);
  add(evidence.anchor);
  std::vector<Weighted> starts;
  std::vector<Weighted> arrivals;
  for (const std::size_t i : evidence.home_ends) {
    (evidence.ends[i].start ? starts : arrivals).push_back({evidence.ends[i].at, 1});
  }
  add(starts.empty() ? std::nullopt : std::optional(mean_of(starts)));
  add(arrivals.empty() ? std::nullopt : std::optional(mean_of(arrivals)));
  std::vector<Weighted> road;
  if (scene.roads != nullptr) {
    std::vector<Spot> spots;
    scene.roads->spots_in(home_box(evidence, scene), 40, Roads::Which::kResidential, spots);
    for (const Spot spot : spots) road.push_back({scene.roads->at(spot), 1});
  }
  add(road.empty() ? std::nullopt : std::optional(mean_of(road)));
  add_ends(evidence, base, features);
  return features;
}

}  // namespace sudare::sim::attack
