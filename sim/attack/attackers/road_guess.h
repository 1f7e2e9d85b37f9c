// Home attacks over the road network: distances, times and choices of way between the last point
// that was released and a home that must lie somewhere along a road.
#pragma once

#include <optional>

#include "sim/attack/attackers/road_scores.h"
#include "sim/attack/attackers/scene.h"

namespace sudare::sim::attack {

// On one track. All guess nothing where the scene has no roads or the evidence nothing to work on.
// Not thread-safe; views what it is made from; what several attacks need is computed once.
class RoadGuesses {
 public:
  RoadGuesses(const Evidence& evidence, const Scene& scene) : evidence_(evidence), scene_(scene) {}

  // Dhondt et al. 2022, "A run a day won't keep the hacker away", section 4. Needs a trim.
  [[nodiscard]] std::optional<Point> endpoint_zone() { return guess(zone_, &score_endpoint_zone); }
  [[nodiscard]] std::optional<Point> odometer() { return guess(odometer_, &score_odometer); }
  [[nodiscard]] std::optional<Point> route_choice() { return guess(route_, &score_route_choice); }
  [[nodiscard]] std::optional<Point> boundary_timing() {
    return guess(timing_, &score_boundary_timing);
  }
  // All of these and the circle around what is hidden, taken together.
  [[nodiscard]] std::optional<Point> together();

 private:
  using Score = Scores (*)(const RoadCase&);
  struct Known {
    bool done = false;
    Scores scores;
  };

  const Scores& scores(Known& known, Score score);
  std::optional<Point> guess(Known& known, Score score);

  const Evidence& evidence_;
  const Scene& scene_;
  std::optional<RoadCase> case_;
  Known zone_;
  Known odometer_;
  Known route_;
  Known timing_;
  Known circle_;
};

}  // namespace sudare::sim::attack
