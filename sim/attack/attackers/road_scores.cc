#include "sim/attack/attackers/road_scores.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace sudare::sim::attack {

namespace {

// A car in a street with 30 km/h, and the driveway between road and home.
constexpr double kSlowMetersPerSecond = 7;
constexpr double kDrivewayMeters = 30;
// So often does one end count: the same way every day is one witness, not sixty.
constexpr double kCountMost = 6;
constexpr double kOutlier = 3;

double weight_of(const Exit& exit) {
  return std::min(static_cast<double>(exit.ends.size()), kCountMost);
}

// Seconds within which the whole of `box` can be reached from just outside it.
double seconds_across(const Area& box, double more_meters) {
  const double meters = distance_meters(box.south_west, box.north_east) + more_meters;
  return 1.3 * meters / kSlowMetersPerSecond;
}

bool has_hold(const Scene& scene) {
  return scene.knowledge.ring != v1::CELL_UNSPECIFIED || scene.knowledge.circle_meters > 0 ||
         scene.knowledge.trim_meters > 0;
}

}  // namespace

Scores score_endpoint_zone(const RoadCase& road_case) {
  const Evidence& evidence = road_case.evidence;
  const Scene& scene = road_case.scene;
  const Candidates& candidates = road_case.candidates;
  constexpr double kSigmaMeters = 20;
  const double least = scene.knowledge.trim_meters;
  const double most = std::max(least, scene.knowledge.trim_meters_most);
  if (least <= 0 || evidence.home_ends.empty()) return std::nullopt;
  std::vector<double> scores(candidates.spots.size(), 0);
  for (const Exit& exit : exits_of(road_case, 25, 100)) {
    double step = 0;
    for (const std::size_t i : exit.ends) step = std::max(step, evidence.ends[i].step_meters);
    step = std::min(step, 150.0);
    const auto ways = ways_back(exit, road_case, 1.5 * (most + 300) / kSlowMetersPerSecond);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double low = least - kDrivewayMeters - ways[i].meters;
      const double high = ways[i].meters - most - step - 10;
      const double off = std::max({low, high, 0.0});
      const double middle = std::abs(low - high) / (most - least + step + 60) / 4;
      const double cost = std::min(off / kSigmaMeters + middle, kOutlier);
      scores[i] -= weight_of(exit) * (std::isfinite(cost) ? cost : kOutlier);
    }
  }
  return scores;
}

Scores score_odometer(const RoadCase& road_case) {
  const Evidence& evidence = road_case.evidence;
  const Scene& scene = road_case.scene;
  const Candidates& candidates = road_case.candidates;
  constexpr std::size_t kPausesMost = 45;
  constexpr double kSigmaMeters = 15;
  const auto exits = exits_of(road_case, 5, 120);
  const double seconds_most =
      seconds_across(road_case.box, 3 * side_meters(scene.knowledge.ring) + 1000);
  std::vector<std::vector<Way>> ways(exits.size());
  // The offset along the road between an end and the exit that stands for it is below 5 m.
  std::vector<std::size_t> exit_of(evidence.ends.size(), exits.size());
  for (std::size_t i = 0; i < exits.size(); ++i) {
    for (const std::size_t end : exits[i].ends) exit_of[end] = i;
  }
  const auto way = [&](std::size_t end) -> const std::vector<Way>* {
    const std::size_t exit = exit_of[end];
    if (exit == exits.size()) return nullptr;
    if (ways[exit].empty()) ways[exit] = ways_back(exits[exit], road_case, seconds_most);
    return &ways[exit];
  };
  std::vector<double> scores(candidates.spots.size(), 0);
  const auto add = [&](std::size_t i, double meters, double hidden, double slack) {
    const double off = std::max(0.0, std::abs(meters + kDrivewayMeters / 2 - hidden) - slack);
    const double cost = std::min(off / kSigmaMeters, kOutlier);
    scores[i] -= std::isfinite(cost) ? cost : kOutlier;
  };
  std::size_t used = 0;
  for (const Pause& pause : evidence.pauses) {
    if (!pause.home || used == kPausesMost || std::isnan(pause.hidden_meters)) continue;
    const auto* in = way(pause.arrival);
    const auto* out = way(pause.departure);
    if (in == nullptr || out == nullptr) continue;
    ++used;
    const TripEnd& arrival = evidence.ends[pause.arrival];
    const TripEnd& departure = evidence.ends[pause.departure];
    for (std::size_t i = 0; i < scores.size(); ++i) {
      add(i, (*in)[i].meters + (*out)[i].meters, pause.hidden_meters, pause.hidden_slack_meters);
      if (std::isnan(arrival.hidden_meters)) continue;
      add(i, (*in)[i].meters, arrival.hidden_meters, arrival.hidden_slack_meters);
      add(i, (*out)[i].meters, departure.hidden_meters, departure.hidden_slack_meters);
    }
  }
  if (used == 0) return std::nullopt;
  return scores;
}

Scores score_route_choice(const RoadCase& road_case) {
  const Scene& scene = road_case.scene;
  const Candidates& candidates = road_case.candidates;
  constexpr std::size_t kExitsMost = 24;
  constexpr double kSigmaSeconds = 12;
  if (!has_hold(scene) || candidates.spots.empty()) return std::nullopt;
  const auto exits = exits_of(road_case, 60, kExitsMost);
  const double near_seconds = seconds_across(road_case.box, 2 * side_meters(scene.knowledge.ring));
  std::vector<double> scores(candidates.spots.size(), 0);
  for (const Exit& exit : exits) {
    const auto far = scene.roads->nearest(exit.far, 60);
    if (!far.has_value()) continue;
    const auto ways = ways_back(exit, road_case, near_seconds);
    scene.reach->search(*far, 0, near_seconds + 400);
    const double onward = scene.reach->to(exit.spot).seconds;
    if (!std::isfinite(onward)) continue;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      // What the way by this exit costs beyond the quickest.
      const double more = ways[i].seconds + onward - scene.reach->to(candidates.spots[i]).seconds;
      const double cost =
          std::isfinite(more) ? std::min(std::max(more, 0.0) / kSigmaSeconds, kOutlier) : kOutlier;
      scores[i] -= weight_of(exit) * cost;
    }
  }
  return scores;
}

}  // namespace sudare::sim::attack
