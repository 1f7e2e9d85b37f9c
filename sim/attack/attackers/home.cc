#include "sim/attack/attackers/home.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/attack/attackers/evidence.h"
#include "sim/attack/attackers/home_features.h"
#include "sim/attack/attackers/place_guess.h"
#include "sim/attack/attackers/prior.h"
#include "sim/attack/attackers/regression.h"
#include "sim/attack/attackers/road_guess.h"
#include "sim/attack/attackers/scene.h"
#include "sim/attack/attackers/shape_guess.h"

namespace sudare::sim::attack {

namespace {

constexpr std::array kMeters = {50.0, 100.0, 250.0, 500.0};
constexpr std::array kFolds = {std::size_t(0), std::size_t(1)};
// Of a track for which an attack has no guess.
constexpr double kNoGuessMeters = 100'000;

// Half of the cars, the same half for the same seed (SplitMix64's finaliser).
std::size_t fold_of(std::size_t car, std::uint64_t seed) {
  std::uint64_t bits = car + seed * 0x9E3779B97F4A7C15U + 1;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  return (bits ^ (bits >> 31U)) & 1U;
}

std::optional<Point> guess(HomeAttack attack, const Evidence& evidence, const Scene& scene,
                           RoadGuesses& over_roads, std::uint64_t seed) {
  switch (attack) {
    case HomeAttack::kCellCentre: return guess_cell_centre(evidence, scene);
    case HomeAttack::kLastDestination: return guess_last_destination(evidence);
    case HomeAttack::kDwellMedian: return guess_dwell_median(evidence);
    case HomeAttack::kLargestCluster: return guess_largest_cluster(evidence, scene);
    case HomeAttack::kNightMode: return guess_night_mode(evidence, scene);
    case HomeAttack::kMedianOfEnds: return guess_median_of_ends(evidence);
    case HomeAttack::kCircleFit: return guess_circle(evidence, scene, Random(seed));
    case HomeAttack::kEndpointZone: return over_roads.endpoint_zone();
    case HomeAttack::kOdometer: return over_roads.odometer();
    case HomeAttack::kRigidShift: return guess_rigid_shift(evidence, scene);
    case HomeAttack::kParkedAverage: return guess_parked_average(evidence);
    case HomeAttack::kBoundaryTiming: return over_roads.boundary_timing();
    case HomeAttack::kRouteChoice: return over_roads.route_choice();
    case HomeAttack::kTogether: return over_roads.together();
    case HomeAttack::kRegression: break;  // needs the other tracks
  }
  return std::nullopt;
}

// By track with records, by attack.
using Distances = std::vector<std::vector<double>>;

AttackCurve curve_of(const Distances& distances, std::size_t attack) {
  AttackCurve curve;
  std::vector<double> meters;
  for (const auto& track : distances) meters.push_back(track[attack]);
  std::sort(meters.begin(), meters.end());
  const auto share = [&](double most) {
    const auto hits = std::upper_bound(meters.begin(), meters.end(), most) - meters.begin();
    return static_cast<double>(hits) / static_cast<double>(meters.size());
  };
  curve.within_50m = share(kMeters[0]);
  curve.within_100m = share(kMeters[1]);
  curve.within_250m = share(kMeters[2]);
  curve.within_500m = share(kMeters[3]);
  curve.median_meters = meters[meters.size() / 2];
  return curve;
}

// Chosen on one fold, counted on the other.
double chosen_share(const Distances& distances, const std::vector<std::size_t>& folds,
                    double meters) {
  double right = 0;
  const std::size_t attacks = distances.empty() ? 0 : distances.front().size();
  for (const std::size_t fold : kFolds) {
    double most = -1;
    double counted = 0;
    for (std::size_t attack = 0; attack < attacks; ++attack) {
      double elsewhere = 0;
      double here = 0;
      for (std::size_t i = 0; i < distances.size(); ++i) {
        const double hit = distances[i][attack] <= meters ? 1 : 0;
        (folds[i] == fold ? here : elsewhere) += hit;
      }
      if (elsewhere <= most) continue;
      most = elsewhere;
      counted = here;
    }
    right += counted;
  }
  return right / static_cast<double>(distances.size());
}

void take_best(const AttackCurve& curve, HomeResult& result) {
  AttackCurve& best = result.best;
  if (curve.within_100m > best.within_100m || result.best_attack.empty()) {
    result.best_attack = curve.attack;
  }
  best.within_50m = std::max(best.within_50m, curve.within_50m);
  best.within_100m = std::max(best.within_100m, curve.within_100m);
  best.within_250m = std::max(best.within_250m, curve.within_250m);
  best.within_500m = std::max(best.within_500m, curve.within_500m);
  best.median_meters = std::min(best.median_meters, curve.median_meters);
}

Shares difference(const Shares& a, const Shares& b) {
  return {a.within_50m - b.within_50m, a.within_100m - b.within_100m, a.within_250m - b.within_250m,
          a.within_500m - b.within_500m};
}

// Roads and their memory, where the network is known.
class Ground {
 public:
  Ground(const Fleet& fleet, const Knowledge& knowledge)
      : scene_{Plane(fleet.origin), knowledge, nullptr, nullptr} {
    if (fleet.network == nullptr) return;
    roads_.emplace(*fleet.network);
    reach_.emplace(*roads_);
    scene_.roads = &*roads_;
    scene_.reach = &*reach_;
  }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  [[nodiscard]] const Scene& scene() const { return scene_; }

 private:
  std::optional<Roads> roads_;
  std::optional<Reach> reach_;
  Scene scene_;
};

std::vector<HomeGuess> guess_on(const Fleet& fleet, const Scene& scene,
                                const HomeOptions& options) {
  std::vector<HomeGuess> all;
  std::vector<Sample> samples;
  std::vector<Point> bases;
  const auto regression =
      std::find(options.attacks.begin(), options.attacks.end(), HomeAttack::kRegression);
  EvidenceReader reader(fleet.origin, scene.knowledge, options.fields);
  for (std::size_t i = 0; i < fleet.tracks.size(); ++i) {
    const Track& track = fleet.tracks[i];
    const Evidence& evidence = reader.read(track);
    if (evidence.at.empty()) continue;
    HomeGuess guesses{i, {}};
    RoadGuesses over_roads(evidence, scene);
    for (const HomeAttack attack : options.attacks) {
      guesses.guesses.push_back(guess(attack, evidence, scene, over_roads, options.seed));
    }
    if (regression != options.attacks.end()) {
      const Point base = feature_base(evidence, scene);
      const Point home = to_point(fleet.origin, fleet.truth[track.car].home);
      samples.push_back({features_of(evidence, scene, base, guesses.guesses),
                         {home.east - base.east, home.north - base.north},
                         fold_of(track.car, options.seed)});
      bases.push_back(base);
    }
    all.push_back(std::move(guesses));
  }
  if (regression == options.attacks.end()) return all;
  const auto column = static_cast<std::size_t>(regression - options.attacks.begin());
  const auto offsets = regress_two_fold(samples);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].guesses[column] =
        Point{bases[i].east + offsets[i].east, bases[i].north + offsets[i].north};
  }
  return all;
}

}  // namespace

const char* name_of(HomeAttack attack) {
  switch (attack) {
    case HomeAttack::kCellCentre: return "cell centre";
    case HomeAttack::kLastDestination: return "last destination";
    case HomeAttack::kDwellMedian: return "dwell-weighted median";
    case HomeAttack::kLargestCluster: return "largest cluster";
    case HomeAttack::kNightMode: return "night mode";
    case HomeAttack::kMedianOfEnds: return "geometric median of trip ends";
    case HomeAttack::kCircleFit: return "circle fit";
    case HomeAttack::kEndpointZone: return "endpoint zone";
    case HomeAttack::kOdometer: return "odometer multilateration";
    case HomeAttack::kRigidShift: return "rigid-shift map match";
    case HomeAttack::kParkedAverage: return "parked-position average";
    case HomeAttack::kBoundaryTiming: return "cell-boundary timing";
    case HomeAttack::kRouteChoice: return "route choice";
    case HomeAttack::kTogether: return "all over roads together";
    case HomeAttack::kRegression: return "regression";
  }
  return "";
}

const std::vector<HomeAttack>& all_home_attacks() {
  static const std::vector<HomeAttack> attacks = {
      HomeAttack::kCellCentre,     HomeAttack::kLastDestination, HomeAttack::kDwellMedian,
      HomeAttack::kLargestCluster, HomeAttack::kNightMode,       HomeAttack::kMedianOfEnds,
      HomeAttack::kCircleFit,      HomeAttack::kEndpointZone,    HomeAttack::kOdometer,
      HomeAttack::kRigidShift,     HomeAttack::kParkedAverage,   HomeAttack::kBoundaryTiming,
      HomeAttack::kRouteChoice,    HomeAttack::kTogether,        HomeAttack::kRegression};
  return attacks;
}

std::vector<HomeGuess> guess_homes(const Fleet& fleet, const Knowledge& knowledge,
                                   const HomeOptions& options) {
  const Ground ground(fleet, knowledge);
  return guess_on(fleet, ground.scene(), options);
}

HomeResult attack_homes(const Fleet& fleet, const Knowledge& knowledge,
                        const HomeOptions& options) {
  const Ground ground(fleet, knowledge);
  const auto guesses = guess_on(fleet, ground.scene(), options);
  HomeResult result;
  result.best.attack = "best attack";
  result.best.network = fleet.name;
  result.best.median_meters = kNoGuessMeters;
  result.tracks = guesses.size();
  if (guesses.empty()) return result;
  Distances distances;
  std::vector<std::size_t> folds;
  for (const HomeGuess& track : guesses) {
    const std::size_t car = fleet.tracks[track.track].car;
    const Point home = to_point(fleet.origin, fleet.truth[car].home);
    auto& row = distances.emplace_back();
    for (const auto& at : track.guesses) {
      row.push_back(at.has_value() ? distance_meters(*at, home) : kNoGuessMeters);
    }
    folds.push_back(fold_of(car, options.seed));
  }
  for (std::size_t i = 0; i < options.attacks.size(); ++i) {
    AttackCurve curve = curve_of(distances, i);
    curve.attack = name_of(options.attacks[i]);
    curve.network = fleet.name;
    const bool any = std::any_of(guesses.begin(), guesses.end(), [&](const HomeGuess& track) {
      return track.guesses[i].has_value();
    });
    if (!any) continue;
    take_best(curve, result);
    result.curves.push_back(std::move(curve));
  }
  result.chosen = {chosen_share(distances, folds, 50), chosen_share(distances, folds, 100),
                   chosen_share(distances, folds, 250), chosen_share(distances, folds, 500)};
  const Prior prior = prior_of(fleet, ground.scene());
  result.uniform = prior.uniform;
  result.best_point = prior.best_point;
  result.excess = difference(result.chosen, result.best_point);
  return result;
}

std::vector<FieldGain> gain_from_fields(const Fleet& fleet, const Knowledge& knowledge,
                                        const HomeOptions& options) {
  const auto any = [&](float Seen::*field) {
    return std::any_of(fleet.tracks.begin(), fleet.tracks.end(), [&](const Track& track) {
      return std::any_of(track.seen.begin(), track.seen.end(),
                         [&](const Seen& seen) { return !std::isnan(seen.*field); });
    });
  };
  const auto any_time =
      std::any_of(fleet.tracks.begin(), fleet.tracks.end(), [](const Track& track) {
        return std::any_of(track.seen.begin(), track.seen.end(),
                           [](const Seen& seen) { return seen.time_ms != 0; });
      });
  struct Entry {
    const char* name;
    bool Fields::*use;
    bool released;
  };
  const std::array entries = {
      Entry{"odometer", &Fields::odometer, any(&Seen::odometer_km)},
      Entry{"speed", &Fields::speed, any(&Seen::speed_kmh)},
      Entry{"heading", &Fields::heading, any(&Seen::heading_degrees)},
      Entry{"time", &Fields::time, any_time},
  };
  const HomeResult all = attack_homes(fleet, knowledge, options);
  std::vector<FieldGain> gains;
  for (const Entry& entry : entries) {
    FieldGain gain{entry.name, 0, 0};
    if (entry.released && options.fields.*entry.use) {
      HomeOptions without = options;
      without.fields.*entry.use = false;
      const HomeResult rest = attack_homes(fleet, knowledge, without);
      gain.gain_100m = all.best.within_100m - rest.best.within_100m;
      gain.gain_250m = all.best.within_250m - rest.best.within_250m;
    }
    gains.push_back(std::move(gain));
  }
  return gains;
}

}  // namespace sudare::sim::attack
