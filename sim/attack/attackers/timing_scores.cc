// Cell-boundary timing: see road_scores.h.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/attack/attackers/road_scores.h"

namespace sudare::sim::attack {

namespace {

constexpr double kOutlier = 3;
// Signals and turns make a trip longer than free driving; how much, the attack fits as well.
constexpr std::array kSlower = {1.0, 1.15, 1.3, 1.45, 1.6};
constexpr double kSecondsMost = 1500;

struct Timing {
  std::vector<Way> ways;        // to each candidate
  std::vector<double> seconds;  // as observed, several times
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Fine positions: seconds between the first sign of life and the first point.
std::vector<Timing> timings_of_exits(const RoadCase& road_case) {
  const Evidence& evidence = road_case.evidence;
  std::vector<Timing> timings;
  for (const Exit& exit : exits_of(road_case, 60, 16)) {
    Timing timing;
    for (const std::size_t i : exit.ends) {
      if (!std::isnan(evidence.ends[i].hidden_seconds)) {
        timing.seconds.push_back(evidence.ends[i].hidden_seconds);
      }
    }
    if (timing.seconds.empty()) continue;
    timing.ways = ways_back(exit, road_case, kSecondsMost);
    timings.push_back(std::move(timing));
  }
  return timings;
}

// Seconds that a trip which starts or ends in the cell around `home` spends there; `next` is the
// cell on the other side of the border. Negative: it can't be told.
double seconds_in_cell(const Evidence& evidence, const TripEnd& end, Point home, Point& next) {
  const auto& at = evidence.at;
  const auto step = end.start ? std::size_t(1) : std::size_t(-1);
  const std::size_t limit = end.start ? at.size() - 1 : 0;
  std::size_t record = end.record;
  while (record != limit && distance_meters(at[record], home) < 1) record += step;
  if (distance_meters(at[record], home) < 1) return -1;
  next = at[record];
  // On arrival the border is crossed when the home cell's first record comes.
  const std::size_t crossing = end.start || record == end.record ? record : record + 1;
  const double between =
      std::abs(static_cast<double>(evidence.time_ms[crossing] - evidence.time_ms[end.record])) /
      1000;
  if (std::isnan(end.hidden_seconds) && record == end.record) return -1;
  const double seconds = between + (std::isnan(end.hidden_seconds) ? 0 : end.hidden_seconds);
  return seconds > 0 && seconds < kSecondsMost ? seconds : -1;
}

// Where roads cross the border between two neighbouring cells.
std::vector<Spot> crossings(const Area& home, Point next, const Scene& scene) {
  constexpr double kStrip = 45;  // cells change 30 m inside the new one
  const auto neighbour = cell_box(scene.plane, scene.knowledge.cell, next);
  std::vector<Spot> spots;
  if (!neighbour.has_value()) return spots;
  Area strip = grown(home, kStrip);
  strip.south_west.east = std::max(strip.south_west.east, neighbour->south_west.east);
  strip.south_west.north = std::max(strip.south_west.north, neighbour->south_west.north);
  strip.north_east.east = std::min(strip.north_east.east, neighbour->north_east.east);
  strip.north_east.north = std::min(strip.north_east.north, neighbour->north_east.north);
  if (strip.north_east.east <= strip.south_west.east ||
      strip.north_east.north <= strip.south_west.north) {
    return spots;
  }
  scene.roads->spots_in(strip, 15, Roads::Which::kAll, spots);
  return spots;
}

// Cells: seconds between start and border, by neighbour.
std::vector<Timing> timings_of_borders(const RoadCase& road_case, const Area& home) {
  const Evidence& evidence = road_case.evidence;
  const Scene& scene = road_case.scene;
  struct Border {
    Point next;
    std::vector<double> seconds;
  };
  std::vector<Border> borders;
  for (const std::size_t i : evidence.home_ends) {
    Point next;
    const double seconds = seconds_in_cell(evidence, evidence.ends[i], middle_of(home), next);
    if (seconds < 0) continue;
    auto border = std::find_if(borders.begin(), borders.end(), [&](const Border& known) {
      return distance_meters(known.next, next) < 1;
    });
    if (border == borders.end()) border = borders.insert(borders.end(), Border{next, {}});
    border->seconds.push_back(seconds);
  }
  std::vector<Timing> timings;
  for (Border& border : borders) {
    const auto spots = crossings(home, border.next, scene);
    if (spots.empty()) continue;
    scene.reach->search(spots, kSecondsMost);
    Timing timing;
    timing.seconds = std::move(border.seconds);
    for (const Spot spot : road_case.candidates.spots) timing.ways.push_back(scene.reach->to(spot));
    timings.push_back(std::move(timing));
  }
  return timings;
}

}  // namespace

Scores score_boundary_timing(const RoadCase& road_case) {
  const Evidence& evidence = road_case.evidence;
  const Scene& scene = road_case.scene;
  const Candidates& candidates = road_case.candidates;
  if (!evidence.timed) return std::nullopt;
  const auto cells = revealed_cells(evidence, scene);
  if (cells.empty()) return std::nullopt;
  const bool coarse = scene.knowledge.cell != v1::EXACT;
  const auto timings =
      coarse ? timings_of_borders(road_case, cells.front()) : timings_of_exits(road_case);
  if (timings.empty()) return std::nullopt;
  std::vector<double> scores(candidates.spots.size(), -1e18);
  for (const double slower : kSlower) {
    std::vector<double> score(candidates.spots.size(), 0);
    for (const Timing& timing : timings) {
      const auto count = static_cast<double>(timing.seconds.size());
      const double observed = median(timing.seconds);
      const double bucket = static_cast<double>(scene.knowledge.bucket_ms) / 1000;
      const double sigma = (12 + 0.15 * observed + bucket / 2) / std::sqrt(std::min(count, 9.0));
      for (std::size_t i = 0; i < score.size(); ++i) {
        const double off = std::abs(timing.ways[i].seconds * slower + 10 - observed);
        score[i] -= std::min(std::isfinite(off) ? off / sigma : kOutlier, kOutlier);
      }
    }
    for (std::size_t i = 0; i < score.size(); ++i) scores[i] = std::max(scores[i], score[i]);
  }
  return scores;
}

}  // namespace sudare::sim::attack
