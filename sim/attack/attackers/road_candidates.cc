#include "sim/attack/attackers/road_candidates.h"

#include <algorithm>
#include <cmath>

namespace sudare::sim::attack {

namespace {

constexpr std::size_t kSpotsMost = 4000;
constexpr double kOffRoadMeters = 60;  // receiver error and width of roads

}  // namespace

RoadCase road_case(const Evidence& evidence, const Scene& scene) {
  RoadCase made{evidence, scene, home_box(evidence, scene), {}};
  auto& spots = made.candidates.spots;
  scene.roads->some_spots_in(made.box, kSpotsMost, spots);
  for (const Spot spot : spots) made.candidates.points.push_back(scene.roads->at(spot));
  std::vector<Spot> wanted = spots;
  for (const std::size_t i : evidence.home_ends) {
    const auto spot = scene.roads->nearest(evidence.ends[i].at, kOffRoadMeters);
    if (spot.has_value()) wanted.push_back(*spot);
  }
  scene.reach->want(wanted);
  return made;
}

std::vector<Exit> exits_of(const RoadCase& road_case, double same_meters, std::size_t most) {
  const Evidence& evidence = road_case.evidence;
  const Scene& scene = road_case.scene;
  std::vector<Exit> exits;
  for (const std::size_t i : evidence.home_ends) {
    const TripEnd& end = evidence.ends[i];
    const auto spot = scene.roads->nearest(end.at, kOffRoadMeters);
    if (!spot.has_value()) continue;
    int back = 0;
    if (distance_meters(end.at, end.inner) > 10) {
      back = -scene.roads->direction(
          *spot, {end.inner.east - end.at.east, end.inner.north - end.at.north});
    }
    const auto same = std::find_if(exits.begin(), exits.end(), [&](const Exit& exit) {
      return exit.spot.edge == spot->edge && exit.back == back &&
             std::abs(exit.spot.along_meters - spot->along_meters) <= same_meters &&
             distance_meters(exit.far, end.far) <= 500;
    });
    if (same != exits.end()) {
      same->ends.push_back(i);
    } else {
      exits.push_back({*spot, back, {i}, end.far});
    }
  }
  std::stable_sort(exits.begin(), exits.end(),
                   [](const Exit& a, const Exit& b) { return a.ends.size() > b.ends.size(); });
  exits.resize(std::min(exits.size(), most));
  return exits;
}

std::vector<Way> ways_back(const Exit& exit, const RoadCase& road_case, double seconds_most) {
  const Scene& scene = road_case.scene;
  const Candidates& candidates = road_case.candidates;
  std::vector<Way> ways;
  ways.reserve(candidates.spots.size());
  scene.reach->search(exit.spot, exit.back, seconds_most);
  for (const Spot spot : candidates.spots) ways.push_back(scene.reach->to(spot));
  return ways;
}

std::optional<Point> likeliest(const Candidates& candidates, const std::vector<double>& scores) {
  std::vector<Candidate> scored;
  scored.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scored.push_back({candidates.points[i], scores[i]});
  }
  return likeliest(scored);
}

}  // namespace sudare::sim::attack
