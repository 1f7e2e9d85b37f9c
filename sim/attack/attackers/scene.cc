#include "sim/attack/attackers/scene.h"

#include <algorithm>
#include <cmath>

namespace sudare::sim::attack {

namespace {

constexpr double kHitMeters = 75;
constexpr std::size_t kCandidatesMost = 400;
// How far inside or outside a ring's border its last released fix may lie.
constexpr double kInsideMeters = 15;
constexpr double kOutsideMeters = 60;

// Of a track with hardly an end to go by every cell is as good: no more than these are tried.
constexpr std::size_t kCellsMost = 9;

std::vector<Area> cell_of_nights(const Evidence& evidence, const Scene& scene) {
  std::vector<Weighted> places;  // equal positions are one cell
  const auto add = [&](Point at, double weight) {
    for (Weighted& place : places) {
      if (distance_meters(place.at, at) > 1) continue;
      place.weight += weight;
      return;
    }
    places.push_back({at, weight});
  };
  for (const Pause& pause : evidence.pauses) {
    const double weight = pause.night_hours + (evidence.timed ? 0.01 : 1.0);
    if (pause.arrival != Pause::kNone) add(evidence.ends[pause.arrival].at, weight);
  }
  if (places.empty() && !evidence.at.empty()) add(evidence.at.front(), 1);
  if (places.empty()) return {};
  const auto most =
      std::max_element(places.begin(), places.end(),
                       [](const Weighted& a, const Weighted& b) { return a.weight < b.weight; });
  const auto box = cell_box(scene.plane, scene.knowledge.cell, most->at);
  if (!box.has_value()) return {};
  return {*box};
}

std::vector<Area> cells_of_ring(const Evidence& evidence, const Scene& scene) {
  const auto middle = cell_box(scene.plane, scene.knowledge.ring, evidence.anchor);
  if (!middle.has_value()) return {};
  const double width = middle->north_east.east - middle->south_west.east;
  const double height = middle->north_east.north - middle->south_west.north;
  struct Scored {
    Area box;
    double score;
  };
  std::vector<Scored> cells;
  for (int row = -3; row <= 3; ++row) {
    for (int column = -3; column <= 3; ++column) {
      const Point centre = middle_of(*middle);
      const auto box = cell_box(scene.plane, scene.knowledge.ring,
                                {centre.east + column * width, centre.north + row * height});
      if (!box.has_value()) continue;
      const Area ring = scene.knowledge.end_cell_only ? *box : ring_box(*box);
      double score = -1e-5 * distance_meters(middle_of(*box), evidence.anchor);
      for (const Pause& pause : evidence.pauses) {
        const double weight = 0.05 + pause.night_hours / 9;
        for (const std::size_t i : {pause.arrival, pause.departure}) {
          if (i == Pause::kNone) continue;
          const TripEnd& end = evidence.ends[i];
          const double outside = meters_outside(ring, end.at);
          if (outside < -kInsideMeters) score -= weight;
          if (std::abs(outside) <= kOutsideMeters + end.step_meters) score += weight;
        }
      }
      cells.push_back({*box, score});
    }
  }
  std::stable_sort(cells.begin(), cells.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  std::vector<Area> best;
  for (const Scored& cell : cells) {
    if (cell.score <= cells.front().score - 0.1 || best.size() == kCellsMost) break;
    best.push_back(cell.box);
  }
  return best;
}

}  // namespace

std::vector<Area> revealed_cells(const Evidence& evidence, const Scene& scene) {
  if (scene.knowledge.cell != v1::EXACT) return cell_of_nights(evidence, scene);
  if (scene.knowledge.ring != v1::CELL_UNSPECIFIED) return cells_of_ring(evidence, scene);
  return {};
}

Area home_box(const Evidence& evidence, const Scene& scene) {
  const auto cells = revealed_cells(evidence, scene);
  if (cells.empty()) return grown({evidence.anchor, evidence.anchor}, evidence.reach_meters);
  Area box = cells.front();
  for (const Area& cell : cells) {
    box.south_west.east = std::min(box.south_west.east, cell.south_west.east);
    box.south_west.north = std::min(box.south_west.north, cell.south_west.north);
    box.north_east.east = std::max(box.north_east.east, cell.north_east.east);
    box.north_east.north = std::max(box.north_east.north, cell.north_east.north);
  }
  return box;
}

std::optional<Point> likeliest(const std::vector<Candidate>& candidates) {
  if (candidates.empty()) return std::nullopt;
  std::vector<Candidate> best = candidates;
  const auto better = [](const Candidate& a, const Candidate& b) { return a.score > b.score; };
  std::stable_sort(best.begin(), best.end(), better);
  best.resize(std::min(best.size(), kCandidatesMost));
  const double top = best.front().score;
  for (Candidate& candidate : best) candidate.score = std::exp(candidate.score - top);
  double most = -1;
  Point guess;
  for (const Candidate& centre : best) {
    std::vector<Weighted> near;
    double weight = 0;
    for (const Candidate& other : best) {
      if (distance_meters(centre.at, other.at) > kHitMeters) continue;
      weight += other.score;
      near.push_back({other.at, other.score});
    }
    if (weight <= most) continue;
    most = weight;
    guess = mean_of(near);
  }
  return guess;
}

}  // namespace sudare::sim::attack
