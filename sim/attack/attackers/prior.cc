#include "sim/attack/attackers/prior.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace sudare::sim::attack {

namespace {

constexpr std::array kMeters = {50.0, 100.0, 250.0, 500.0};
constexpr std::size_t kSpotsMost = 900;
using PerMeters = std::array<double, kMeters.size()>;

struct RoadPrior {
  PerMeters share{};  // of the cell's road within so many metres of the place with most
};

RoadPrior road_prior(const Area& cell, const Roads& roads) {
  std::vector<Spot> spots;
  roads.some_spots_in(cell, kSpotsMost, spots);
  std::vector<Point> points;
  for (const Spot spot : spots) points.push_back(roads.at(spot));
  RoadPrior prior;
  for (const Point centre : points) {
    PerMeters inside{};
    for (const Point other : points) {
      const double meters = distance_meters(centre, other);
      for (std::size_t i = 0; i < kMeters.size(); ++i) {
        if (meters <= kMeters[i]) inside[i] += 1.0 / static_cast<double>(points.size());
      }
    }
    for (std::size_t i = 0; i < kMeters.size(); ++i) {
      prior.share[i] = std::max(prior.share[i], inside[i]);
    }
  }
  return prior;
}

Shares shares_of(const PerMeters& sums, double count) {
  return {sums[0] / count, sums[1] / count, sums[2] / count, sums[3] / count};
}

}  // namespace

Prior prior_of(const Fleet& fleet, const Scene& scene) {
  const bool cells = scene.knowledge.cell != v1::EXACT;
  const v1::Cell level = cells ? scene.knowledge.cell : scene.knowledge.ring;
  if (level == v1::CELL_UNSPECIFIED) return {};
  std::map<std::pair<std::int64_t, std::int64_t>, RoadPrior> known;  // by the cell's corner
  PerMeters uniform{};
  PerMeters middle{};
  PerMeters road{};
  double count = 0;
  for (const Track& track : fleet.tracks) {
    if (track.seen.empty()) continue;
    const Point home = to_point(fleet.origin, fleet.truth[track.car].home);
    const auto box = cell_box(scene.plane, level, home);
    if (!box.has_value()) continue;
    ++count;
    const RoadPrior* prior = nullptr;
    if (scene.roads != nullptr) {
      const auto key =
          std::pair{std::llround(box->south_west.east), std::llround(box->south_west.north)};
      auto found = known.find(key);
      if (found == known.end()) found = known.emplace(key, road_prior(*box, *scene.roads)).first;
      prior = &found->second;
    }
    for (std::size_t i = 0; i < kMeters.size(); ++i) {
      uniform[i] += disc_share(*box, home, kMeters[i]);
      middle[i] += disc_share(*box, middle_of(*box), kMeters[i]);
      if (prior != nullptr) road[i] += prior->share[i];
    }
  }
  if (count == 0) return {};
  PerMeters best{};
  for (std::size_t i = 0; i < kMeters.size(); ++i) {
    best[i] = std::max(middle[i], road[i]);
  }
  return {shares_of(uniform, count), shares_of(best, count)};
}

}  // namespace sudare::sim::attack
