#include "sim/attack/attackers/uniqueness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/attack/attackers/plane.h"
#include "sim/random.h"

namespace sudare::sim::attack {

namespace {

struct Visit {
  std::int64_t bucket;
  std::int32_t east;
  std::int32_t north;
  friend auto operator<=>(const Visit&, const Visit&) = default;
};

struct Visitor {
  Visit visit;
  std::uint32_t car;
  friend auto operator<=>(const Visitor&, const Visitor&) = default;
};

void sort_unique(std::vector<Visit>& visits) {
  std::sort(visits.begin(), visits.end());
  visits.erase(std::unique(visits.begin(), visits.end()), visits.end());
}

// By car: its distinct visits.
std::vector<std::vector<Visit>> visits_of(const Fleet& fleet, const UniquenessOptions& options) {
  const Plane plane(fleet.origin);
  std::vector<std::vector<Visit>> cars(fleet.truth.size());
  for (const Track& track : fleet.tracks) {
    auto& visits = cars[track.car];
    for (const Seen& seen : track.seen) {
      if (seen.latitude_e7 == 0 && seen.longitude_e7 == 0) continue;
      const std::int64_t time_ms = seen.time_ms != 0 ? seen.time_ms : seen.arrival_ms;
      const Point at = plane.point(seen.latitude_e7, seen.longitude_e7);
      const Visit visit{time_ms / options.bucket_ms,
                        static_cast<std::int32_t>(std::floor(at.east / options.place_meters)),
                        static_cast<std::int32_t>(std::floor(at.north / options.place_meters))};
      if (visits.empty() || !(visits.back() == visit)) visits.push_back(visit);
    }
    sort_unique(visits);
  }
  return cars;
}

// How many cars made all of these visits; stops at two.
bool only_one(const std::vector<Visitor>& visitors, const std::vector<Visit>& visits) {
  std::vector<std::uint32_t> cars;
  for (std::size_t i = 0; i < visits.size(); ++i) {
    const auto first = std::lower_bound(visitors.begin(), visitors.end(), Visitor{visits[i], 0});
    std::vector<std::uint32_t> here;
    for (auto it = first; it != visitors.end() && it->visit == visits[i]; ++it) {
      if (i == 0 || std::binary_search(cars.begin(), cars.end(), it->car)) here.push_back(it->car);
    }
    cars = std::move(here);
    if (cars.size() == 1) return true;
  }
  return false;
}

}  // namespace

std::array<double, kUniquenessPointsMax> uniqueness(const Fleet& fleet,
                                                    const UniquenessOptions& options) {
  const auto cars = visits_of(fleet, options);
  std::vector<Visitor> visitors;
  for (std::size_t car = 0; car < cars.size(); ++car) {
    for (const Visit& visit : cars[car]) {
      visitors.push_back({visit, static_cast<std::uint32_t>(car)});
    }
  }
  std::sort(visitors.begin(), visitors.end());
  std::array<double, kUniquenessPointsMax> shares{};
  Random random(options.seed);
  for (std::size_t points = 1; points <= kUniquenessPointsMax; ++points) {
    std::vector<std::size_t> drawable;
    for (std::size_t car = 0; car < cars.size(); ++car) {
      if (cars[car].size() >= points) drawable.push_back(car);
    }
    if (drawable.empty() || options.draws == 0) continue;
    std::size_t unique = 0;
    for (std::size_t draw = 0; draw < options.draws; ++draw) {
      const auto& visits = cars[drawable[random.below(drawable.size())]];
      std::vector<Visit> known;
      while (known.size() < points) {
        const Visit visit = visits[random.below(visits.size())];
        if (std::find(known.begin(), known.end(), visit) == known.end()) known.push_back(visit);
      }
      if (only_one(visitors, known)) ++unique;
    }
    shares[points - 1] = static_cast<double>(unique) / static_cast<double>(options.draws);
  }
  return shares;
}

}  // namespace sudare::sim::attack
