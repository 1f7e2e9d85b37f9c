// See linkage.h.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <tuple>
#include <vector>

#include "sim/attack/attackers/linkage.h"
#include "sim/attack/attackers/plane.h"
#include "sim/random.h"

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// Between evening and morning.
constexpr std::int64_t kNightMs = 3 * kHourMs;
constexpr std::array kBinMeters = {20.0,  50.0,   100.0,  200.0,  400.0,
                                   800.0, 1600.0, 2400.0, 3200.0, 5000.0};
// Further apart, two records aren't compared: no mechanism hides so much.
constexpr double kMetersMost = 8000;
// Centres of rings that a point may lie just outside of.
constexpr double kRingSlackMeters = 120;
constexpr std::size_t kKinds = 4;  // one ring explains both or not; opposite headings or not

struct Sighting {
  std::size_t car = 0;
  Point at;
  double heading_degrees = 0;  // NaN: unknown
  std::vector<Point> rings;    // middles of cells whose ring it lies at
};

struct Night {
  std::vector<Sighting> evenings;
  std::vector<Sighting> mornings;
};

struct Pair {
  std::size_t evening = 0;
  std::size_t morning = 0;
  std::size_t bin = 0;
  double meters = 0;
  double score = 0;
};

std::vector<Point> rings_of(const Plane& plane, const Knowledge& knowledge, Point at) {
  std::vector<Point> rings;
  const auto own = cell_box(plane, knowledge.ring, at);
  if (!own.has_value()) return rings;
  const double width = own->north_east.east - own->south_west.east;
  const double height = own->north_east.north - own->south_west.north;
  for (int row = -2; row <= 2; ++row) {
    for (int column = -2; column <= 2; ++column) {
      const Point middle = middle_of(*own);
      const auto box = cell_box(plane, knowledge.ring,
                                {middle.east + column * width, middle.north + row * height});
      if (!box.has_value()) continue;
      if (std::abs(meters_outside(ring_box(*box), at)) <= kRingSlackMeters) {
        rings.push_back(middle_of(*box));
      }
    }
  }
  return rings;
}

bool share_ring(const Sighting& a, const Sighting& b) {
  return std::any_of(a.rings.begin(), a.rings.end(), [&](Point ring) {
    return std::any_of(b.rings.begin(), b.rings.end(),
                       [&](Point other) { return distance_meters(ring, other) < 1; });
  });
}

std::size_t bin_of(const Sighting& evening, const Sighting& morning, double meters) {
  const auto bin = static_cast<std::size_t>(
      std::lower_bound(kBinMeters.begin(), kBinMeters.end(), meters) - kBinMeters.begin());
  std::size_t kind = share_ring(evening, morning) ? 1 : 0;
  double turn = std::abs(evening.heading_degrees - morning.heading_degrees);
  if (turn > 180) turn = 360 - turn;
  if (turn > 135) kind += 2;  // false for NaN
  return bin * kKinds + kind;
}

constexpr std::size_t kBins = (kBinMeters.size() + 1) * kKinds;

Sighting sighting_of(const Track& track, std::size_t record, const Plane& plane,
                     const Knowledge& knowledge) {
  const Seen& seen = track.seen[record];
  const Point at = plane.point(seen.latitude_e7, seen.longitude_e7);
  return {track.car, at, static_cast<double>(seen.heading_degrees), rings_of(plane, knowledge, at)};
}

// Adds a track's last record of the evening and first of the morning, where it has both.
void add_sightings(const Track& track, std::int64_t night_ms, const Plane& plane,
                   const Knowledge& knowledge, Night& night) {
  const auto time_of = [](const Seen& seen) {
    return seen.time_ms != 0 ? seen.time_ms : seen.arrival_ms;
  };
  const auto has_place = [](const Seen& seen) {
    return seen.latitude_e7 != 0 || seen.longitude_e7 != 0;
  };
  const auto& seen = track.seen;
  auto next = static_cast<std::size_t>(
      std::lower_bound(seen.begin(), seen.end(), night_ms,
                       [&](const Seen& a, std::int64_t ms) { return time_of(a) < ms; }) -
      seen.begin());
  std::size_t last = next;
  while (last > 0 && !has_place(seen[last - 1])) --last;
  while (next < seen.size() && !has_place(seen[next])) ++next;
  if (last == 0 || next == seen.size()) return;
  --last;
  if (night_ms - time_of(seen[last]) > 15 * kHourMs) return;
  if (time_of(seen[next]) - night_ms > 12 * kHourMs) return;
  night.evenings.push_back(sighting_of(track, last, plane, knowledge));
  night.mornings.push_back(sighting_of(track, next, plane, knowledge));
}

std::vector<Pair> pairs_of(const Night& night) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < night.evenings.size(); ++i) {
    for (std::size_t k = 0; k < night.mornings.size(); ++k) {
      const double meters = distance_meters(night.evenings[i].at, night.mornings[k].at);
      if (meters > kMetersMost) continue;
      pairs.push_back({i, k, bin_of(night.evenings[i], night.mornings[k], meters), meters, 0});
    }
  }
  return pairs;
}

// Log of how much likelier a bin is for one car than for two, learned from cars of `fold`.
std::array<double, kBins> learn(const std::vector<Night>& nights,
                                const std::vector<std::vector<Pair>>& pairs, std::size_t fold) {
  std::array<double, kBins> same;
  std::array<double, kBins> other;
  same.fill(0.1);
  other.fill(0.1);
  double all_same = 0;
  double all_other = 0;
  for (std::size_t n = 0; n < nights.size(); ++n) {
    for (const Pair& pair : pairs[n]) {
      const std::size_t evening = nights[n].evenings[pair.evening].car;
      const std::size_t morning = nights[n].mornings[pair.morning].car;
      if (evening % 2 != fold || morning % 2 != fold) continue;
      (evening == morning ? same : other)[pair.bin] += 1;
      (evening == morning ? all_same : all_other) += 1;
    }
  }
  std::array<double, kBins> score{};
  for (std::size_t i = 0; i < kBins; ++i) {
    score[i] = std::log(same[i] / (all_same + 1)) - std::log(other[i] / (all_other + 1));
  }
  return score;
}

// Best pairs first, each record once.
std::size_t right_links(const Night& night, std::vector<Pair> pairs,
                        const std::array<double, kBins>& score, std::size_t fold) {
  for (Pair& pair : pairs) pair.score = score[pair.bin];
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tuple(-a.score, a.meters, a.evening, a.morning) <
           std::tuple(-b.score, b.meters, b.evening, b.morning);
  });
  std::vector<bool> evening_used(night.evenings.size(), false);
  std::vector<bool> morning_used(night.mornings.size(), false);
  std::size_t right = 0;
  for (const Pair& pair : pairs) {
    if (evening_used[pair.evening] || morning_used[pair.morning]) continue;
    evening_used[pair.evening] = morning_used[pair.morning] = true;
    const std::size_t car = night.evenings[pair.evening].car;
    if (car == night.mornings[pair.morning].car && car % 2 == fold) ++right;
  }
  return right;
}

// Cars per km² in the box that leaves out the outer twentieth on each side.
double density(const Fleet& fleet, const std::vector<std::size_t>& cars) {
  if (cars.size() < 2) return 0;
  std::vector<double> east;
  std::vector<double> north;
  for (const std::size_t car : cars) {
    const Point home = to_point(fleet.origin, fleet.truth[car].home);
    east.push_back(home.east);
    north.push_back(home.north);
  }
  std::sort(east.begin(), east.end());
  std::sort(north.begin(), north.end());
  const std::size_t low = cars.size() / 20;
  const std::size_t high = cars.size() - 1 - low;
  const double km2 = (east[high] - east[low]) * (north[high] - north[low]) / 1e6;
  double inside = 0;
  for (const std::size_t car : cars) {
    const Point home = to_point(fleet.origin, fleet.truth[car].home);
    if (home.east >= east[low] && home.east <= east[high] && home.north >= north[low] &&
        home.north <= north[high]) {
      ++inside;
    }
  }
  return km2 > 0 ? inside / km2 : 0;
}

std::vector<std::size_t> choose_cars(const Fleet& fleet, double cars_per_km2, Random random) {
  std::vector<std::size_t> cars;
  for (std::size_t i = 0; i < fleet.truth.size(); ++i) cars.push_back(i);
  const double all = density(fleet, cars);
  if (cars_per_km2 <= 0 || all <= cars_per_km2) return cars;
  for (std::size_t i = 0; i + 1 < cars.size(); ++i) {
    std::swap(cars[i], cars[i + random.below(cars.size() - i)]);
  }
  cars.resize(static_cast<std::size_t>(static_cast<double>(cars.size()) * cars_per_km2 / all));
  std::sort(cars.begin(), cars.end());
  return cars;
}

std::optional<std::pair<std::int64_t, std::int64_t>> time_range(const Fleet& fleet) {
  std::optional<std::pair<std::int64_t, std::int64_t>> range;
  for (const Track& track : fleet.tracks) {
    if (track.seen.empty()) continue;
    const auto time_of = [](const Seen& seen) {
      return seen.time_ms != 0 ? seen.time_ms : seen.arrival_ms;
    };
    const std::int64_t first = time_of(track.seen.front());
    const std::int64_t last = time_of(track.seen.back());
    if (!range.has_value()) range.emplace(first, last);
    range->first = std::min(range->first, first);
    range->second = std::max(range->second, last);
  }
  return range;
}

}  // namespace

LinkResult link_overnight(const Fleet& fleet, const Knowledge& knowledge,
                          const OvernightOptions& options) {
  LinkResult result;
  const auto cars = choose_cars(fleet, options.cars_per_km2, Random(options.seed));
  result.cars_per_km2 = density(fleet, cars);
  const auto range = time_range(fleet);
  if (!range.has_value()) return result;
  const Plane plane(fleet.origin);
  const std::int64_t offset_ms = knowledge.local_offset_ms;
  std::vector<Night> nights;
  std::vector<std::vector<Pair>> pairs;
  for (std::int64_t day = (range->first + offset_ms) / kDayMs + 1;
       nights.size() < options.nights && day * kDayMs + kNightMs - offset_ms < range->second;
       ++day) {
    Night night;
    for (const Track& track : fleet.tracks) {
      if (!std::binary_search(cars.begin(), cars.end(), track.car)) continue;
      add_sightings(track, day * kDayMs + kNightMs - offset_ms, plane, knowledge, night);
    }
    pairs.push_back(pairs_of(night));
    result.links += night.evenings.size();
    nights.push_back(std::move(night));
  }
  if (result.links == 0) return result;
  std::size_t right = 0;
  for (std::size_t fold = 0; fold < 2; ++fold) {
    const auto score = learn(nights, pairs, 1 - fold);
    for (std::size_t n = 0; n < nights.size(); ++n) {
      right += right_links(nights[n], pairs[n], score, fold);
    }
  }
  result.share_right = static_cast<double>(right) / static_cast<double>(result.links);
  result.by_chance = static_cast<double>(nights.size()) / static_cast<double>(result.links);
  return result;
}

}  // namespace sudare::sim::attack
