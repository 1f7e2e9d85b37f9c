#include "sim/attack/attackers/poi.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>

#include "sim/attack/attackers/evidence.h"

namespace sudare::sim::attack {

namespace {

constexpr double kStayHours = 0.25;
constexpr std::int64_t kStayMs = 900'000;
constexpr double kSameMeters = 200;
constexpr double kMatchMeters = 100;

// Where the car is during a pause: where it was last seen, or between that and where it is next.
enum class Where : std::uint8_t { kLastSeen, kBetween };

Point place_of(const Evidence& evidence, const Pause& pause, Where where) {
  constexpr std::size_t kRecordsMost = 200;
  const std::size_t last = evidence.at.size() - 1;
  const std::size_t from = pause.arrival == Pause::kNone ? 0 : evidence.ends[pause.arrival].record;
  const std::size_t until =
      pause.departure == Pause::kNone ? last : evidence.ends[pause.departure].record;
  if (until > from + 2) {
    std::vector<Weighted> records;
    const std::size_t step = 1 + (until - from) / kRecordsMost;
    for (std::size_t i = from; i <= until; i += step) records.push_back({evidence.at[i], 1});
    return geometric_median(records);
  }
  if (where == Where::kBetween) return pause.middle;
  return pause.arrival == Pause::kNone ? evidence.at[until] : evidence.ends[pause.arrival].at;
}

// Greedy: every point joins the first place whose mean is near enough.
std::vector<Point> cluster(const std::vector<Point>& points, double same_meters) {
  std::vector<Weighted> places;
  for (const Point at : points) {
    const auto same = std::find_if(places.begin(), places.end(), [&](const Weighted& place) {
      return distance_meters(place.at, at) <= same_meters;
    });
    if (same == places.end()) {
      places.push_back({at, 1});
      continue;
    }
    const double weight = same->weight + 1;
    same->at = {same->at.east + (at.east - same->at.east) / weight,
                same->at.north + (at.north - same->at.north) / weight};
    same->weight = weight;
  }
  std::vector<Point> result;
  for (const Weighted& place : places) result.push_back(place.at);
  return result;
}

std::vector<Point> places_of(const Evidence& evidence, Where where) {
  std::vector<Point> stays;
  for (const Pause& pause : evidence.pauses) {
    if (pause.hours >= kStayHours) stays.push_back(place_of(evidence, pause, where));
  }
  return cluster(stays, kSameMeters);
}

std::size_t matches(const std::vector<Point>& found, const std::vector<Point>& truth) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t k = 0; k < truth.size(); ++k) {
      const double meters = distance_meters(found[i], truth[k]);
      if (meters <= kMatchMeters) pairs.emplace_back(meters, i, k);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<bool> used(found.size(), false);
  std::vector<bool> hit(truth.size(), false);
  std::size_t count = 0;
  for (const auto& [meters, i, k] : pairs) {
    if (used[i] || hit[k]) continue;
    used[i] = hit[k] = true;
    ++count;
  }
  return count;
}

std::vector<Point> true_places(const CarTruth& truth, Place origin, const Evidence& evidence) {
  constexpr std::int64_t kBesideMs = 86'400'000;
  std::vector<Point> stays;
  for (const Stay& stay : truth.stays) {
    if (stay.until_ms - stay.from_ms < kStayMs) continue;
    if (stay.until_ms < evidence.time_ms.front() - kBesideMs) continue;
    if (stay.from_ms > evidence.time_ms.back() + kBesideMs) continue;
    stays.push_back(to_point(origin, stay.place));
  }
  return cluster(stays, kMatchMeters);
}

}  // namespace

std::vector<Point> extract_places(const Track& track, const Knowledge& knowledge, Place origin) {
  EvidenceReader reader(origin, knowledge, Fields{});
  return places_of(reader.read(track), Where::kLastSeen);
}

PoiScore attack_places(const Fleet& fleet, const Knowledge& knowledge) {
  PoiScore scores[2];
  double right[2] = {0, 0};
  EvidenceReader reader(fleet.origin, knowledge, Fields{});
  for (const Track& track : fleet.tracks) {
    const Evidence& evidence = reader.read(track);
    if (evidence.at.empty()) continue;
    const auto truth = true_places(fleet.truth[track.car], fleet.origin, evidence);
    for (const Where where : {Where::kLastSeen, Where::kBetween}) {
      const auto i = static_cast<std::size_t>(where);
      const auto found = places_of(evidence, where);
      scores[i].found += found.size();
      scores[i].true_places += truth.size();
      right[i] += static_cast<double>(matches(found, truth));
    }
  }
  for (std::size_t i = 0; i < 2; ++i) {
    PoiScore& score = scores[i];
    if (score.found > 0) score.precision = right[i] / static_cast<double>(score.found);
    if (score.true_places > 0) score.recall = right[i] / static_cast<double>(score.true_places);
    const double sum = score.precision + score.recall;
    if (sum > 0) score.f1 = 2 * score.precision * score.recall / sum;
  }
  return scores[0].f1 >= scores[1].f1 ? scores[0] : scores[1];
}

}  // namespace sudare::sim::attack
