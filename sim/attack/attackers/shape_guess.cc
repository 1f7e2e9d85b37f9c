#include "sim/attack/attackers/shape_guess.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sudare::sim::attack {

namespace {

constexpr double kSlackMeters = 15;
constexpr double kSigmaMeters = 20;
constexpr double kOutlier = 3;  // no end says more than this against a candidate
constexpr double kRadiusMetersLeast = 100;
constexpr double kRadiusMetersMost = 2500;
constexpr std::size_t kEndsMost = 80;

struct Circle {
  Point centre;
  double radius_meters = 0;
};

std::vector<TripEnd> ends_of(const Evidence& evidence) {
  std::vector<TripEnd> ends;
  const std::size_t step = 1 + evidence.home_ends.size() / kEndsMost;
  for (std::size_t i = 0; i < evidence.home_ends.size(); i += step) {
    ends.push_back(evidence.ends[evidence.home_ends[i]]);
  }
  return ends;
}

// The circle was crossed between the record and the one that is missing, a step further in.
double score_of(const std::vector<TripEnd>& ends, const Circle& circle) {
  double score = 0;
  for (const TripEnd& end : ends) {
    const double outside = distance_meters(end.at, circle.centre) - circle.radius_meters;
    const double step = std::min(end.step_meters, 150.0);
    double off = 0;
    if (outside < -kSlackMeters) off = -kSlackMeters - outside;
    if (outside > step + kSlackMeters) off = outside - step - kSlackMeters;
    // Among equally possible ones the middle is likeliest.
    const double middle = std::abs(outside - step / 2) / (step + 2 * kSlackMeters) / 4;
    score -= std::min(off / kSigmaMeters + middle, kOutlier);
  }
  return score;
}

std::optional<Circle> circle_through(Point a, Point b, Point c) {
  const double bx = b.east - a.east;
  const double by = b.north - a.north;
  const double cx = c.east - a.east;
  const double cy = c.north - a.north;
  const double d = 2 * (bx * cy - by * cx);
  if (std::abs(d) < 1) return std::nullopt;
  const double b2 = bx * bx + by * by;
  const double c2 = cx * cx + cy * cy;
  const double x = (cy * b2 - by * c2) / d;
  const double y = (bx * c2 - cx * b2) / d;
  return Circle{{a.east + x, a.north + y}, std::hypot(x, y)};
}

// Any radius: circles through three ends at a time (RANSAC).
std::optional<Point> any_circle(const std::vector<TripEnd>& ends, Random random) {
  constexpr int kTries = 400;
  if (ends.size() < 3) return std::nullopt;
  std::optional<Point> best;
  double best_score = -1e18;
  for (int i = 0; i < kTries; ++i) {
    const auto draw = [&] { return ends[random.below(ends.size())].at; };
    const Point a = draw();
    const Point b = draw();
    const auto circle = circle_through(a, b, draw());
    if (!circle.has_value() || circle->radius_meters < kRadiusMetersLeast ||
        circle->radius_meters > kRadiusMetersMost) {
      continue;
    }
    const double score = score_of(ends, *circle);
    if (score <= best_score) continue;
    best_score = score;
    best = circle->centre;
  }
  return best;
}

// Mean distance to roads, capped, of a trip's sample moved by a shift.
double misfit(const Roads& roads, const std::vector<Point>& sample, Point shift) {
  constexpr float kMost = 60;
  float sum = 0;
  for (const Point at : sample) {
    sum += std::min(kMost, roads.meters_to_road({at.east + shift.east, at.north + shift.north}));
  }
  return static_cast<double>(sum) / static_cast<double>(sample.size());
}

Point best_shift(const Roads& roads, const std::vector<Point>& sample, double meters_most) {
  constexpr double kCoarseMeters = 40;
  constexpr double kFineMeters = 10;
  Point best;
  double least = 1e18;
  const auto search = [&](Point middle, double range, double step) {
    for (double east = -range; east <= range; east += step) {
      for (double north = -range; north <= range; north += step) {
        const Point shift{middle.east + east, middle.north + north};
        // Small shifts are likelier.
        const double cost =
            misfit(roads, sample, shift) + 0.004 * std::hypot(shift.east, shift.north);
        if (cost >= least) continue;
        least = cost;
        best = shift;
      }
    }
  };
  search({}, meters_most, kCoarseMeters);
  search(best, kCoarseMeters, kFineMeters);
  return best;
}

}  // namespace

Scores score_circle(const RoadCase& road_case) {
  const double radius = road_case.scene.knowledge.circle_meters;
  const std::vector<TripEnd> ends = ends_of(road_case.evidence);
  if (radius == 0 || ends.size() < 2) return std::nullopt;
  std::vector<double> scores;
  for (const Point at : road_case.candidates.points) scores.push_back(score_of(ends, {at, radius}));
  return scores;
}

std::optional<Point> guess_circle(const Evidence& evidence, const Scene& scene, Random random) {
  constexpr double kStepMeters = 20;
  const std::vector<TripEnd> ends = ends_of(evidence);
  if (ends.size() < 2) return std::nullopt;
  // A trim that is measured as the crow flies leaves a circle too.
  const double radius = std::max(scene.knowledge.circle_meters, scene.knowledge.trim_meters);
  if (radius == 0) return any_circle(ends, random);
  std::vector<Candidate> candidates;
  const Area box = home_box(evidence, scene);
  if (scene.roads != nullptr) {
    std::vector<Spot> spots;
    scene.roads->spots_in(box, kStepMeters, Roads::Which::kResidential, spots);
    for (const Spot spot : spots) candidates.push_back({scene.roads->at(spot)});
  } else {
    for (double east = box.south_west.east; east <= box.north_east.east; east += kStepMeters) {
      for (double north = box.south_west.north; north <= box.north_east.north;
           north += kStepMeters) {
        candidates.push_back({{east, north}});
      }
    }
  }
  for (Candidate& candidate : candidates) {
    candidate.score = score_of(ends, {candidate.at, radius});
  }
  return likeliest(candidates);
}

std::optional<Point> guess_rigid_shift(const Evidence& evidence, const Scene& scene) {
  constexpr std::size_t kTripsMost = 30;
  constexpr std::size_t kSample = 40;
  if (scene.roads == nullptr || !scene.knowledge.noise_per_trip) return std::nullopt;
  const std::size_t step = 1 + evidence.home_ends.size() / kTripsMost;
  std::vector<Weighted> places;
  for (std::size_t i = 0; i < evidence.home_ends.size(); i += step) {
    const TripEnd& end = evidence.ends[evidence.home_ends[i]];
    const TripEnd& other = evidence.ends[evidence.home_ends[i] ^ 1U];
    const std::size_t first = std::min(end.record, other.record);
    const std::size_t last = std::max(end.record, other.record);
    if (last - first < 10) continue;
    std::vector<Point> sample;
    for (std::size_t k = 0; k < kSample; ++k) {
      sample.push_back(evidence.at[first + (last - first) * k / (kSample - 1)]);
    }
    const Point shift = best_shift(*scene.roads, sample, 3 * scene.knowledge.noise_meters);
    places.push_back({{end.at.east + shift.east, end.at.north + shift.north}, 1});
  }
  if (places.empty()) return std::nullopt;
  return geometric_median(places);
}

}  // namespace sudare::sim::attack
