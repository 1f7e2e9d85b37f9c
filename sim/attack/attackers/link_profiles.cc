// See linkage.h.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "sim/attack/attackers/evidence.h"
#include "sim/attack/attackers/linkage.h"

namespace sudare::sim::attack {

namespace {

constexpr double kSquareMeters = 250;
constexpr std::int64_t kHourMs = 3'600'000;

// How often a pseudonym has trip ends in a square, apart for starts and ends, and by hour.
struct Profile {
  std::size_t car = 0;
  std::map<std::uint64_t, double> counts;
};

std::uint64_t token_of(std::uint64_t kind, Point at, double shift) {
  const auto east = static_cast<std::int64_t>(std::floor((at.east + shift) / kSquareMeters));
  const auto north = static_cast<std::int64_t>(std::floor((at.north + shift) / kSquareMeters));
  return (kind << 48U) ^ ((static_cast<std::uint64_t>(east) & 0xFFFFFFU) << 24U) ^
         (static_cast<std::uint64_t>(north) & 0xFFFFFFU);
}

void add_end(const Evidence& evidence, const TripEnd& end, const Knowledge& knowledge,
             Profile& profile) {
  const std::int64_t local_ms = evidence.time_ms[end.record] + knowledge.local_offset_ms;
  const auto part = static_cast<std::uint64_t>(local_ms / (4 * kHourMs) % 6);
  const std::uint64_t side = end.start ? 1 : 0;
  ++profile.counts[token_of(side, end.at, 0)];
  ++profile.counts[token_of(2 + side, end.at, kSquareMeters / 2)];
  ++profile.counts[token_of(4 + 2 * part + side, end.at, 0)];
}

struct Scored {
  double score;
  std::size_t from;
  std::size_t to;
};

// Cosine of logarithmic counts, weighed by how few profiles have a square.
std::vector<Scored> similarities(const std::vector<const Profile*>& from,
                                 const std::vector<const Profile*>& to) {
  std::unordered_map<std::uint64_t, std::vector<std::pair<std::size_t, double>>> index;
  for (std::size_t i = 0; i < to.size(); ++i) {
    for (const auto& [token, count] : to[i]->counts) {
      index[token].emplace_back(i, std::log1p(count));
    }
  }
  const auto rarity = [&](std::uint64_t token) {
    const auto found = index.find(token);
    const double have = found == index.end() ? 0 : static_cast<double>(found->second.size());
    return std::log(1 + static_cast<double>(to.size()) / (1 + have));
  };
  const auto norm = [&](const Profile& profile) {
    double square = 0;
    for (const auto& [token, count] : profile.counts) {
      square += std::pow(rarity(token) * std::log1p(count), 2);
    }
    return std::sqrt(square) + 1e-9;
  };
  std::vector<double> norms;
  for (const Profile* profile : to) norms.push_back(norm(*profile));
  std::vector<Scored> scored;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::vector<double> dot(to.size(), 0);
    for (const auto& [token, count] : from[i]->counts) {
      const auto found = index.find(token);
      if (found == index.end()) continue;
      const double weight = rarity(token) * rarity(token) * std::log1p(count);
      for (const auto& [other, value] : found->second) dot[other] += weight * value;
    }
    const double own = norm(*from[i]);
    for (std::size_t k = 0; k < to.size(); ++k) {
      if (dot[k] > 0) scored.push_back({dot[k] / own / norms[k], i, k});
    }
  }
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return std::tuple(-a.score, a.from, a.to) < std::tuple(-b.score, b.from, b.to);
  });
  return scored;
}

}  // namespace

LinkResult link_profiles(const Fleet& fleet, const Knowledge& knowledge) {
  std::set<std::uint32_t> epochs;
  std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms = 0;
  for (const Track& track : fleet.tracks) {
    epochs.insert(track.epoch);
    if (track.seen.empty()) continue;
    first_ms = std::min(first_ms, track.seen.front().time_ms);
    last_ms = std::max(last_ms, track.seen.back().time_ms);
  }
  const bool halves = epochs.size() < 2;
  const std::int64_t middle_ms = first_ms / 2 + last_ms / 2;
  std::map<std::uint32_t, std::vector<Profile>> parts;
  EvidenceReader reader(fleet.origin, knowledge, Fields{});
  for (const Track& track : fleet.tracks) {
    const Evidence& evidence = reader.read(track);
    Profile whole{track.car, {}};
    Profile second{track.car, {}};
    for (const TripEnd& end : evidence.ends) {
      const bool late = halves && evidence.time_ms[end.record] >= middle_ms;
      add_end(evidence, end, knowledge, late ? second : whole);
    }
    const std::uint32_t part = halves ? 0 : track.epoch;
    if (!whole.counts.empty()) parts[part].push_back(std::move(whole));
    if (!second.counts.empty()) parts[1].push_back(std::move(second));
  }
  LinkResult result;
  double right = 0;
  double chance = 0;
  for (auto part = parts.begin(); part != parts.end() && std::next(part) != parts.end(); ++part) {
    const auto& next = std::next(part)->second;
    std::vector<const Profile*> from;
    std::vector<const Profile*> to;
    std::set<std::size_t> there;
    for (const Profile& profile : next) {
      to.push_back(&profile);
      there.insert(profile.car);
    }
    for (const Profile& profile : part->second) from.push_back(&profile);
    for (const Profile* profile : from) {
      if (there.count(profile->car) == 0) continue;
      ++result.links;
      chance += 1 / static_cast<double>(to.size());
    }
    std::vector<bool> from_used(from.size(), false);
    std::vector<bool> to_used(to.size(), false);
    for (const Scored& pair : similarities(from, to)) {
      if (from_used[pair.from] || to_used[pair.to]) continue;
      from_used[pair.from] = to_used[pair.to] = true;
      if (from[pair.from]->car == to[pair.to]->car) ++right;
    }
  }
  if (result.links > 0) {
    result.share_right = right / static_cast<double>(result.links);
    result.by_chance = chance / static_cast<double>(result.links);
  }
  return result;
}

}  // namespace sudare::sim::attack
