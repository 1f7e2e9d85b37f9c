#include "sim/attack/attackers/road_guess.h"

#include <utility>

#include "sim/attack/attackers/shape_guess.h"

namespace sudare::sim::attack {

const Scores& RoadGuesses::scores(Known& known, Score score) {
  if (known.done) return known.scores;
  known.done = true;
  if (scene_.roads == nullptr) return known.scores;
  if (!case_.has_value()) case_.emplace(road_case(evidence_, scene_));
  known.scores = score(*case_);
  return known.scores;
}

std::optional<Point> RoadGuesses::guess(Known& known, Score score) {
  const Scores& found = scores(known, score);
  if (!found.has_value()) return std::nullopt;
  return likeliest(case_->candidates, *found);
}

std::optional<Point> RoadGuesses::together() {
  // Times and choices vary more than their scores say: signals, habits.
  constexpr double kFirm = 1;
  constexpr double kSoft = 0.5;
  // A circle or a trim leaves few places, often one on either side of the only way out: there a
  // choice of way decides.
  const bool zone = scene_.knowledge.circle_meters > 0 || scene_.knowledge.trim_meters > 0;
  Scores sum;
  std::size_t kinds = 0;
  const auto add = [&](Known& known, Score score, double weight) {
    const Scores& found = scores(known, score);
    if (!found.has_value()) return;
    ++kinds;
    if (!sum.has_value()) sum.emplace(found->size(), 0);
    for (std::size_t i = 0; i < sum->size(); ++i) (*sum)[i] += weight * (*found)[i];
  };
  add(zone_, &score_endpoint_zone, kFirm);
  add(circle_, &score_circle, kFirm);
  add(odometer_, &score_odometer, kFirm);
  add(route_, &score_route_choice, zone ? kFirm : kSoft);
  add(timing_, &score_boundary_timing, kSoft);
  if (kinds < 2) return std::nullopt;  // no more than one attack alone
  return likeliest(case_->candidates, *sum);
}

}  // namespace sudare::sim::attack
