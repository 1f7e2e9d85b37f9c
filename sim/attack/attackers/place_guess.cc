#include "sim/attack/attackers/place_guess.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr double kNightHoursLeast = 4;
constexpr double kDwellHoursMost = 12;
constexpr double kClusterMeters = 100;

double noise_of(const Scene& scene) { return scene.knowledge.noise_meters; }

// Of the time from `from_ms` to `until_ms`, whether its middle lies between 22 and 07 h.
bool at_night(std::int64_t from_ms, std::int64_t until_ms, std::int64_t offset_ms) {
  const std::int64_t hour = ((from_ms + until_ms) / 2 + offset_ms) / kHourMs % 24;
  return hour >= 22 || hour < 7;
}

}  // namespace

std::optional<Point> guess_cell_centre(const Evidence& evidence, const Scene& scene) {
  const auto cells = revealed_cells(evidence, scene);
  if (cells.empty()) return std::nullopt;
  return middle_of(cells.front());
}

std::optional<Point> guess_last_destination(const Evidence& evidence) {
  std::vector<Weighted> places;
  for (const Pause& pause : evidence.pauses) {
    if (pause.arrival == Pause::kNone || pause.night_hours < kNightHoursLeast) continue;
    places.push_back({evidence.ends[pause.arrival].at, 1});
  }
  if (places.empty()) return std::nullopt;
  return weighted_median(places);
}

std::optional<Point> guess_dwell_median(const Evidence& evidence) {
  if (!evidence.timed || evidence.at.size() < 2) return std::nullopt;
  std::vector<Weighted> places;
  for (std::size_t i = 0; i + 1 < evidence.at.size(); ++i) {
    const double hours = static_cast<double>(evidence.time_ms[i + 1] - evidence.time_ms[i]) /
                         static_cast<double>(kHourMs);
    places.push_back({evidence.at[i], std::min(hours, kDwellHoursMost)});
  }
  return weighted_median(std::move(places));
}

std::optional<Point> guess_largest_cluster(const Evidence& evidence, const Scene& scene) {
  std::vector<Weighted> places;
  for (const Pause& pause : evidence.pauses) {
    const double weight = evidence.timed ? 0.1 + std::min(pause.hours, kDwellHoursMost) : 1;
    for (const std::size_t i : {pause.arrival, pause.departure}) {
      if (i != Pause::kNone) places.push_back({evidence.ends[i].at, weight});
    }
  }
  if (places.empty()) return std::nullopt;
  const double radius = std::max(kClusterMeters, 1.5 * noise_of(scene));
  double most = -1;
  std::vector<Weighted> largest;
  for (const Weighted& centre : places) {
    std::vector<Weighted> members;
    double weight = 0;
    for (const Weighted& other : places) {
      if (distance_meters(centre.at, other.at) > radius) continue;
      members.push_back(other);
      weight += other.weight;
    }
    if (weight <= most) continue;
    most = weight;
    largest = std::move(members);
  }
  return geometric_median(largest);
}

std::optional<Point> guess_night_mode(const Evidence& evidence, const Scene& scene) {
  if (!evidence.timed || evidence.at.empty()) return std::nullopt;
  const double square = std::max(kClusterMeters, 2 * noise_of(scene));
  std::vector<Weighted> places;
  std::map<std::pair<std::int64_t, std::int64_t>, double> squares;
  const auto square_of = [&](Point at) {
    return std::pair{static_cast<std::int64_t>(std::floor(at.east / square)),
                     static_cast<std::int64_t>(std::floor(at.north / square))};
  };
  for (std::size_t i = 0; i + 1 < evidence.at.size(); ++i) {
    const std::int64_t from_ms = evidence.time_ms[i];
    const std::int64_t until_ms = evidence.time_ms[i + 1];
    if (!at_night(from_ms, until_ms, scene.knowledge.local_offset_ms)) continue;
    const double hours = static_cast<double>(until_ms - from_ms) / static_cast<double>(kHourMs);
    places.push_back({evidence.at[i], std::min(hours, kDwellHoursMost)});
    squares[square_of(evidence.at[i])] += places.back().weight;
  }
  if (places.empty()) return std::nullopt;
  // A place at the border of a square is split: neighbours count.
  double most = -1;
  std::pair<std::int64_t, std::int64_t> mode;
  for (const auto& [at, weight] : squares) {
    double sum = 0;
    for (std::int64_t east = -1; east <= 1; ++east) {
      for (std::int64_t north = -1; north <= 1; ++north) {
        const auto near = squares.find({at.first + east, at.second + north});
        if (near != squares.end()) sum += near->second;
      }
    }
    sum += weight / 2;
    if (sum <= most) continue;
    most = sum;
    mode = at;
  }
  std::vector<Weighted> members;
  for (const Weighted& place : places) {
    const auto at = square_of(place.at);
    if (std::abs(at.first - mode.first) <= 1 && std::abs(at.second - mode.second) <= 1) {
      members.push_back(place);
    }
  }
  return geometric_median(members);
}

std::optional<Point> guess_median_of_ends(const Evidence& evidence) {
  std::vector<Weighted> places;
  for (const std::size_t i : evidence.home_ends) places.push_back({evidence.ends[i].at, 1});
  if (places.empty()) return std::nullopt;
  return geometric_median(places);
}

std::optional<Point> guess_parked_average(const Evidence& evidence) {
  // A night of a minute each is plenty; more only takes time.
  constexpr std::size_t kRecordsPerPause = 300;
  constexpr std::size_t kBesideEnd = 3;
  std::vector<Weighted> places;
  const auto add = [&](std::size_t first, std::size_t last) {
    const std::size_t step = std::max<std::size_t>(1, (last - first) / kRecordsPerPause);
    for (std::size_t i = first; i <= last; i += step) places.push_back({evidence.at[i], 1});
  };
  for (const Pause& pause : evidence.pauses) {
    if (!pause.home) continue;
    const std::size_t last = evidence.at.size() - 1;
    const std::size_t from =
        pause.arrival == Pause::kNone ? 0 : evidence.ends[pause.arrival].record;
    const std::size_t until =
        pause.departure == Pause::kNone ? last : evidence.ends[pause.departure].record;
    if (until - from > 2 * kBesideEnd) {
      add(from, until);
    } else {
      add(from >= kBesideEnd ? from - kBesideEnd + 1 : 0, std::min(last, until + kBesideEnd - 1));
    }
  }
  if (places.empty()) return std::nullopt;
  return geometric_median(places);
}

}  // namespace sudare::sim::attack
