#include "sim/attack/world/naive.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "gateway/minimize/cell.h"
#include "sim/attack/world/run_cars.h"

namespace sudare::sim::attack {

namespace {

constexpr double kThreeDecimals = 1000;

// Planar Laplace (geo-indistinguishability): the radius is Gamma(2)-distributed.
Point noise(Random& random) {
  const double radius = -std::log((1 - random.unit()) * (1 - random.unit())) * kNoiseMeters / 2;
  const double angle = random.between(0, 2 * std::numbers::pi);
  return {radius * std::sin(angle), radius * std::cos(angle)};
}

Place rounded(Place place) {
  return {std::round(place.latitude * kThreeDecimals) / kThreeDecimals,
          std::round(place.longitude * kThreeDecimals) / kThreeDecimals};
}

Place cell_middle(Place place, v1::Cell level) {
  const auto centre = cell_centre({to_e7(place.latitude), to_e7(place.longitude)}, level);
  if (!centre) return place;
  return {static_cast<double>(centre->latitude_e7) / 1e7,
          static_cast<double>(centre->longitude_e7) / 1e7};
}

bool in_one_cell(Place a, Place b) {
  const auto cell_a = cell_of({to_e7(a.latitude), to_e7(a.longitude)}, v1::M1000);
  const auto cell_b = cell_of({to_e7(b.latitude), to_e7(b.longitude)}, v1::M1000);
  return cell_a && cell_b && *cell_a == *cell_b;
}

// The fixes that trimming leaves: [first, last).
struct Kept {
  std::size_t first = 0;
  std::size_t last = 0;
};

// Along the way, as driven.
Kept trimmed(const std::vector<Fix>& fixes, double start_meters, double end_meters) {
  Kept kept{0, fixes.size()};
  for (double meters = 0; kept.first + 1 < fixes.size() && meters < start_meters; ++kept.first) {
    meters += distance_meters(fixes[kept.first].place, fixes[kept.first + 1].place);
  }
  for (double meters = 0; kept.last > kept.first && meters < end_meters; --kept.last) {
    if (kept.last < 2) return {0, 0};
    meters += distance_meters(fixes[kept.last - 1].place, fixes[kept.last - 2].place);
  }
  return kept;
}

Kept outside_end_cells(const std::vector<Fix>& fixes) {
  Kept kept{0, fixes.size()};
  const Place start = fixes.front().place;
  const Place end = fixes.back().place;
  while (kept.first < kept.last && in_one_cell(fixes[kept.first].place, start)) ++kept.first;
  while (kept.last > kept.first && in_one_cell(fixes[kept.last - 1].place, end)) --kept.last;
  return kept;
}

// What one car lets out.
class NaiveCar {
 public:
  NaiveCar(Mechanism mechanism, Place home, std::int64_t interval_ms, Random random)
      : mechanism_(mechanism), home_(home), interval_ms_(interval_ms), random_(random) {}

  std::vector<Seen> seen(const std::vector<Outing>& outings) {
    for (const Outing& outing : outings) {
      const Kept range = kept(outing.trip.fixes);
      trip_noise_ = noise(random_);
      for (std::size_t i = range.first; i < range.last; ++i) {
        if (outing.trip.fixes[i].time_ms >= next_ms_) take(outing.trip.fixes[i]);
      }
      if (hides_ends()) continue;
      for (const Fix& fix : outing.parked) take(fix);
    }
    return std::move(seen_);
  }

 private:
  [[nodiscard]] bool hides_ends() const {
    return mechanism_ == Mechanism::kFixedTrim || mechanism_ == Mechanism::kRandomTrim ||
           mechanism_ == Mechanism::kEndCellsOnly;
  }

  Kept kept(const std::vector<Fix>& fixes) {
    switch (mechanism_) {
      case Mechanism::kFixedTrim: return trimmed(fixes, kTrimMeters, kTrimMeters);
      case Mechanism::kRandomTrim: {
        const double start = random_.between(kRandomTrimLeastMeters, kRandomTrimMostMeters);
        return trimmed(fixes, start,
                       random_.between(kRandomTrimLeastMeters, kRandomTrimMostMeters));
      }
      case Mechanism::kEndCellsOnly: return outside_end_cells(fixes);
      default: return {0, fixes.size()};
    }
  }

  [[nodiscard]] std::optional<Place> released(Place place) {
    switch (mechanism_) {
      case Mechanism::kCentredCircle:
        if (distance_meters(place, home_) < kCircleMeters) return std::nullopt;
        return place;
      case Mechanism::kFreshNoise: return to_place(place, noise(random_));
      case Mechanism::kNoisePerTrip: return to_place(place, trip_noise_);
      case Mechanism::kRoundThreeDecimals: return rounded(place);
      case Mechanism::kMesh250: return cell_middle(place, v1::M250);
      case Mechanism::kMesh500: return cell_middle(place, v1::M500);
      case Mechanism::kRaw:
      case Mechanism::kFixedTrim:
      case Mechanism::kRandomTrim:
      case Mechanism::kEndCellsOnly: break;
    }
    return place;
  }

  void take(const Fix& fix) {
    const auto place = released(fix.place);
    if (!place) return;
    next_ms_ = fix.time_ms + interval_ms_;
    Seen record;
    record.time_ms = record.arrival_ms = fix.time_ms;
    record.latitude_e7 = to_e7(place->latitude);
    record.longitude_e7 = to_e7(place->longitude);
    record.speed_kmh = static_cast<float>(fix.speed_kmh);
    record.heading_degrees = static_cast<float>(fix.heading_degrees);
    seen_.push_back(record);
  }

  Mechanism mechanism_;
  Place home_;
  std::int64_t interval_ms_;
  Random random_;
  Point trip_noise_;
  std::int64_t next_ms_ = 0;
  std::vector<Seen> seen_;
};

}  // namespace

std::string_view name_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kRaw: return "raw";
    case Mechanism::kCentredCircle: return "centred circle";
    case Mechanism::kFreshNoise: return "fresh noise";
    case Mechanism::kFixedTrim: return "fixed trim";
    case Mechanism::kNoisePerTrip: return "noise per trip";
    case Mechanism::kRoundThreeDecimals: return "three decimals";
    case Mechanism::kRandomTrim: return "random trim";
    case Mechanism::kMesh250: return "mesh 250 m";
    case Mechanism::kMesh500: return "mesh 500 m";
    case Mechanism::kEndCellsOnly: return "end cells only";
  }
  return "";
}

std::optional<Released> release_naive(const World& world, Mechanism mechanism,
                                      std::int64_t interval_ms, const ReleaseOptions& options) {
  return run_cars(world, options, [&](std::size_t car) {
    CarResult result;
    const auto outings = outings_of(world, car);
    if (!outings) return result;
    NaiveCar naive(mechanism, world.home(car), interval_ms, random_of_car(options.seed, car));
    const std::vector<Seen> seen = naive.seen(*outings);
    result.truth = truth_of(world, car, *outings);
    result.counts.messages = result.counts.released = seen.size();
    if (options.observer) {
      const std::vector<Hazard> hazards = hazards_of(*outings);
      const std::vector<Seen> none;
      options.observer({car, &*outings, &hazards, &seen, &none});
    }
    if (options.keep_tracks) result.tracks.push_back({car, 0, seen});
    return result;
  });
}

}  // namespace sudare::sim::attack
