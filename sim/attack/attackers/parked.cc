#include "sim/attack/attackers/parked.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kBesideMs = 60'000;

}  // namespace

ParkedResult count_parked_values(const Fleet& fleet, const Knowledge& knowledge) {
  ParkedResult result;
  double sum = 0;
  double heard = 0;
  double over = 0;
  const std::int64_t beside_ms = kBesideMs + knowledge.bucket_ms;
  for (const Track& track : fleet.tracks) {
    auto seen = track.seen.begin();
    for (const Stay& stay : fleet.truth[track.car].stays) {
      const std::int64_t from_ms = stay.from_ms + beside_ms;
      const std::int64_t until_ms = stay.until_ms - beside_ms;
      if (until_ms <= from_ms) continue;
      ++result.stops;
      // Stays are in the order of time, so the search goes on where the last ended.
      while (seen != track.seen.end() && seen->time_ms < from_ms) ++seen;
      std::vector<std::pair<std::int32_t, std::int32_t>> values;
      for (; seen != track.seen.end() && seen->time_ms <= until_ms; ++seen) {
        if (seen->latitude_e7 == 0 && seen->longitude_e7 == 0) continue;
        values.emplace_back(seen->latitude_e7, seen->longitude_e7);
      }
      if (values.empty()) continue;
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      ++heard;
      sum += static_cast<double>(values.size());
      if (values.size() > 1) ++over;
      result.distinct_most = std::max(result.distinct_most, values.size());
    }
  }
  if (heard > 0) {
    result.distinct_mean = sum / heard;
    result.share_over_one = over / heard;
  }
  return result;
}

}  // namespace sudare::sim::attack
