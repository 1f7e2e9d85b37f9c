// See linkage.h.
#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "sim/attack/attackers/linkage.h"
#include "sim/attack/attackers/plane.h"
#include "sim/random.h"

namespace sudare::sim::attack {

namespace {

// Where no speed is released: of a car in town.
constexpr double kTownMetersPerSecond = 9;
constexpr double kMetersPerSecondMost = 40;
constexpr std::int64_t kDrivingGapMs = 300'000;
constexpr std::size_t kProbesMost = 2500;

struct Probe {
  std::int64_t time_ms;
  std::size_t car;
  Point at;
  double speed_ms;         // NaN: unknown
  double heading_degrees;  // NaN: unknown
};

std::int64_t time_of(const Seen& seen) {
  return seen.time_ms != 0 ? seen.time_ms : seen.arrival_ms;
}

std::vector<Probe> probes_in(const Fleet& fleet, std::int64_t from_ms, std::int64_t until_ms) {
  const Plane plane(fleet.origin);
  std::vector<Probe> probes;
  for (const Track& track : fleet.tracks) {
    auto seen = std::lower_bound(track.seen.begin(), track.seen.end(), from_ms,
                                 [](const Seen& a, std::int64_t ms) { return time_of(a) < ms; });
    for (; seen != track.seen.end() && time_of(*seen) < until_ms; ++seen) {
      if (seen->latitude_e7 == 0 && seen->longitude_e7 == 0) continue;
      probes.push_back(
          {time_of(*seen), track.car, plane.point(seen->latitude_e7, seen->longitude_e7),
           static_cast<double>(seen->speed_kmh) / 3.6, static_cast<double>(seen->heading_degrees)});
    }
  }
  std::stable_sort(probes.begin(), probes.end(), [](const Probe& a, const Probe& b) {
    return std::tuple(a.time_ms, a.at.east, a.at.north) <
           std::tuple(b.time_ms, b.at.east, b.at.north);
  });
  if (probes.size() > kProbesMost) probes.resize(kProbesMost);
  return probes;
}

// How long a driving car's probes are apart: the policy's rate, or what cells make of it.
std::int64_t usual_interval_ms(const Fleet& fleet) {
  std::vector<std::int64_t> gaps;
  for (const Track& track : fleet.tracks) {
    for (std::size_t i = 1; i < track.seen.size() && gaps.size() < 200'000; ++i) {
      const std::int64_t gap = time_of(track.seen[i]) - time_of(track.seen[i - 1]);
      if (gap > 0 && gap < kDrivingGapMs) gaps.push_back(gap);
    }
  }
  if (gaps.empty()) return kDrivingGapMs;
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

// Less is likelier.
double cost_of(const Probe& from, const Probe& to, std::int64_t usual_ms, double place_meters) {
  // In one time bucket the order is unknown: they are as far apart as two records usually are.
  const double seconds =
      to.time_ms == from.time_ms ? 5 : static_cast<double>(to.time_ms - from.time_ms) / 1000;
  const double speed = std::isnan(from.speed_ms) ? kTownMetersPerSecond : from.speed_ms;
  const double usual = static_cast<double>(usual_ms) / 1000;
  const double late = std::abs(std::log(seconds / usual));
  double off = 0;
  double sigma = 0;
  if (std::isnan(from.heading_degrees)) {
    off = std::abs(distance_meters(from.at, to.at) - speed * seconds);
    sigma = place_meters + 0.5 * speed * seconds;
  } else {
    const double radians = from.heading_degrees * kDegree;
    const Point ahead{from.at.east + speed * seconds * std::sin(radians),
                      from.at.north + speed * seconds * std::cos(radians)};
    off = distance_meters(ahead, to.at);
    sigma = place_meters + (0.3 + 0.01 * seconds) * speed * seconds + 0.5 * seconds;
  }
  double turn = 0;
  if (!std::isnan(from.heading_degrees) && !std::isnan(to.heading_degrees)) {
    turn = std::abs(from.heading_degrees - to.heading_degrees);
    turn = std::min(turn, 360 - turn) / 60;
  }
  double change = 0;
  if (!std::isnan(from.speed_ms) && !std::isnan(to.speed_ms)) {
    change = std::abs(from.speed_ms - to.speed_ms) / (2 + 0.5 * seconds);
  }
  return off * off / (2 * sigma * sigma) + 2 * std::log(sigma) + late + 0.5 * turn + 0.3 * change;
}

struct Candidate {
  double cost;
  std::size_t from;
  std::size_t to;
};

}  // namespace

LinkResult link_in_drive(const Fleet& fleet, const Knowledge& knowledge,
                         const InDriveOptions& options) {
  LinkResult result;
  Random random(options.seed);
  std::vector<std::size_t> tracks;
  for (std::size_t i = 0; i < fleet.tracks.size(); ++i) {
    if (!fleet.tracks[i].seen.empty()) tracks.push_back(i);
  }
  if (tracks.empty()) return result;
  const std::int64_t usual_ms = std::max(usual_interval_ms(fleet), knowledge.bucket_ms);
  const std::int64_t ahead_ms = std::min(options.ahead_ms_max, 4 * usual_ms);
  const double place_meters = std::max(15.0, side_meters(knowledge.cell) / 2);
  double right = 0;
  double chance = 0;
  for (std::size_t window = 0; window < options.windows; ++window) {
    const auto& seen = fleet.tracks[tracks[random.below(tracks.size())]].seen;
    const std::int64_t from_ms = time_of(seen[random.below(seen.size())]);
    const auto probes = probes_in(fleet, from_ms, from_ms + options.window_ms);
    std::vector<Candidate> candidates;
    std::vector<bool> has_successor(probes.size(), false);
    for (std::size_t i = 0; i < probes.size(); ++i) {
      double others = 0;
      double own = 0;
      for (std::size_t k = i + 1; k < probes.size(); ++k) {
        const std::int64_t gap_ms = probes[k].time_ms - probes[i].time_ms;
        if (gap_ms > ahead_ms) break;
        if (gap_ms == 0 && knowledge.bucket_ms == 0) continue;
        ++others;
        if (probes[k].car == probes[i].car) ++own;
        const double most =
            place_meters * 3 + kMetersPerSecondMost * static_cast<double>(gap_ms) / 1000;
        if (distance_meters(probes[i].at, probes[k].at) > most) continue;
        candidates.push_back({cost_of(probes[i], probes[k], usual_ms, place_meters), i, k});
      }
      if (own == 0) continue;
      has_successor[i] = true;
      ++result.links;
      chance += own / others;
    }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return std::tuple(a.cost, a.from, a.to) < std::tuple(b.cost, b.from, b.to);
    });
    std::vector<bool> from_used(probes.size(), false);
    std::vector<bool> to_used(probes.size(), false);
    for (const Candidate& pair : candidates) {
      if (from_used[pair.from] || to_used[pair.to]) continue;
      from_used[pair.from] = to_used[pair.to] = true;
      if (has_successor[pair.from] && probes[pair.from].car == probes[pair.to].car) ++right;
    }
  }
  if (result.links > 0) {
    result.share_right = right / static_cast<double>(result.links);
    result.by_chance = chance / static_cast<double>(result.links);
  }
  return result;
}

}  // namespace sudare::sim::attack
