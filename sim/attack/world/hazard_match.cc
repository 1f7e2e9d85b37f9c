#include "sim/attack/world/hazard_match.h"

#include <algorithm>
#include <cstdlib>

#include "gateway/minimize/cell.h"

namespace sudare::sim::attack {

namespace {

// A coarse cell's middle lies at most so far from a place in it (10 km cells).
constexpr double kSameHazardMeters = 8000;

Place place_of(const Seen& seen) { return {seen.latitude_e7 / 1e7, seen.longitude_e7 / 1e7}; }

bool in_ring(Place place, Place around, v1::Cell ring) {
  const auto cell = cell_of({to_e7(place.latitude), to_e7(place.longitude)}, ring);
  const auto middle = cell_of({to_e7(around.latitude), to_e7(around.longitude)}, ring);
  return cell && middle && std::abs(cell->row - middle->row) <= 1 &&
         std::abs(cell->column - middle->column) <= 1;
}

// The time between a trip's two holds; empty where it never leaves them.
struct Between {
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
};

Between between_rings(const Trip& trip, v1::Cell ring) {
  const auto& fixes = trip.fixes;
  std::size_t first = 0;
  std::size_t last = fixes.size();
  while (first < last && in_ring(fixes[first].place, fixes.front().place, ring)) ++first;
  while (last > first && in_ring(fixes[last - 1].place, fixes.back().place, ring)) --last;
  if (first == last) return {};
  return {fixes[first].time_ms, fixes[last - 1].time_ms};
}

void match(const std::vector<Seen>& released, std::int64_t time_ms, HazardMatch& match) {
  const auto [begin, end] =
      std::equal_range(released.begin(), released.end(), Seen{time_ms},
                       [](const Seen& a, const Seen& b) { return a.time_ms < b.time_ms; });
  double nearest_meters = kSameHazardMeters;
  for (auto seen = begin; seen != end; ++seen) {
    const double meters = distance_meters(place_of(*seen), match.truth.place);
    if (meters > kSameHazardMeters) continue;
    if (!match.first || seen->arrival_ms < match.first->arrival_ms) match.first = *seen;
    if (!match.nearest || meters < nearest_meters) {
      nearest_meters = meters;
      match.nearest = *seen;
    }
  }
}

}  // namespace

std::vector<HazardMatch> match_hazards(const CarView& view, std::int64_t bucket_ms, v1::Cell ring) {
  std::vector<HazardMatch> matches;
  std::size_t outing = 0;
  Between between;
  bool known = false;
  for (const Hazard& hazard : *view.hazards) {
    HazardMatch& one = matches.emplace_back();
    one.truth = hazard;
    while (hazard.time_ms > (*view.outings)[outing].driven.end_ms) {
      ++outing;
      known = false;
    }
    if (ring != v1::CELL_UNSPECIFIED) {
      if (!known) between = between_rings((*view.outings)[outing].trip, ring);
      known = true;
      one.inside_ring = hazard.time_ms < between.from_ms || hazard.time_ms > between.until_ms;
    }
    const std::int64_t into_ms = bucket_ms > 0 ? hazard.time_ms % bucket_ms : 0;
    match(*view.released_hazards, hazard.time_ms - into_ms, one);
  }
  return matches;
}

}  // namespace sudare::sim::attack
