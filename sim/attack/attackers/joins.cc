#include "sim/attack/attackers/joins.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "sim/attack/attackers/plane.h"

namespace sudare::sim::attack {

namespace {

// Where both purposes have exact values: what two topics of one moment agree in.
constexpr std::int64_t kBucketMsLeast = 60'000;

std::uint64_t token_of(const Cell& cell, std::int64_t bucket) {
  std::uint64_t token = static_cast<std::uint64_t>(bucket) * 0x9E3779B97F4A7C15U;
  token ^= static_cast<std::uint64_t>(static_cast<std::uint32_t>(cell.row)) << 32U;
  token ^= static_cast<std::uint32_t>(cell.column);
  token ^= token >> 29U;
  return token * 0xBF58476D1CE4E5B9U;
}

bool has_place(const Seen& seen) { return seen.latitude_e7 != 0 || seen.longitude_e7 != 0; }

bool has_places(const std::vector<Track>& tracks) {
  return std::any_of(tracks.begin(), tracks.end(), [](const Track& track) {
    return std::any_of(track.seen.begin(), track.seen.end(), &has_place);
  });
}

// What two purposes' records are compared in.
struct Measure {
  bool places = true;  // false: times alone
  v1::Cell level = v1::M125;
  std::int64_t bucket_ms = kBucketMsLeast;
};

std::vector<std::uint64_t> tokens_of(const Track& track, const Measure& measure) {
  std::vector<std::uint64_t> tokens;
  for (const Seen& seen : track.seen) {
    if (measure.places && !has_place(seen)) continue;
    const std::int64_t time_ms = seen.time_ms != 0 ? seen.time_ms : seen.arrival_ms;
    Cell cell{};
    if (measure.places) {
      const auto found = cell_of({seen.latitude_e7, seen.longitude_e7}, measure.level);
      if (!found.has_value()) continue;
      cell = *found;
    }
    const std::uint64_t token = token_of(cell, time_ms / measure.bucket_ms);
    if (tokens.empty() || tokens.back() != token) tokens.push_back(token);
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

v1::Cell coarser(v1::Cell a, v1::Cell b) { return side_meters(a) >= side_meters(b) ? a : b; }

}  // namespace

JoinResult join_by_content(const std::vector<Track>& first, const Knowledge& first_knowledge,
                           const std::vector<Track>& second, const Knowledge& second_knowledge) {
  Measure measure;
  measure.places = has_places(first) && has_places(second);
  measure.level = coarser(first_knowledge.cell, second_knowledge.cell);
  if (side_meters(measure.level) == 0) measure.level = v1::M125;
  measure.bucket_ms =
      std::max({first_knowledge.bucket_ms, second_knowledge.bucket_ms, kBucketMsLeast});
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> index;
  for (std::size_t i = 0; i < second.size(); ++i) {
    for (const std::uint64_t token : tokens_of(second[i], measure)) {
      index[token].push_back(static_cast<std::uint32_t>(i));
    }
  }
  JoinResult result;
  std::size_t right = 0;
  const auto count = static_cast<double>(second.size());
  for (const Track& track : first) {
    ++result.tracks;
    std::unordered_map<std::uint32_t, double> votes;
    for (const std::uint64_t token : tokens_of(track, measure)) {
      const auto found = index.find(token);
      if (found == index.end()) continue;
      const double weight = std::log(1 + count / static_cast<double>(found->second.size()));
      for (const std::uint32_t other : found->second) votes[other] += weight;
    }
    const auto best =
        std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
          return a.second != b.second ? a.second < b.second : a.first > b.first;
        });
    if (best != votes.end() && second[best->first].car == track.car) ++right;
  }
  if (result.tracks > 0) {
    result.share_joined = static_cast<double>(right) / static_cast<double>(result.tracks);
  }
  if (!second.empty()) result.by_chance = 1 / count;
  return result;
}

}  // namespace sudare::sim::attack
