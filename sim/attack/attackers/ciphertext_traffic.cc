#include "sim/attack/attackers/ciphertext_traffic.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::array<std::int64_t, 5> kPausesMs = {2 * kMinuteMs, 4 * kMinuteMs, 7 * kMinuteMs,
                                                   12 * kMinuteMs, 25 * kMinuteMs};
constexpr std::array<std::size_t, 4> kCountsLeast = {1, 2, 4, 8};
constexpr std::array<std::int64_t, 4> kDelaysMs = {0, kMinuteMs / 2, kMinuteMs * 3 / 2,
                                                   4 * kMinuteMs};
constexpr std::array<std::uint32_t, 3> kBytesLeast = {0, 1000, 4000};

struct Span {
  std::int64_t from_ms;
  std::int64_t until_ms;
};

struct Thresholds {
  std::int64_t pause_ms = 0;
  std::size_t count = 0;
  std::int64_t delay_ms = 0;
  std::uint32_t bytes = 0;  // smaller ciphertexts aren't of a trip
};

// Bursts of ciphertexts.
std::vector<Span> detect(const std::vector<CipherEvent>& events, const Thresholds& thresholds) {
  std::vector<Span> trips;
  std::size_t count = 0;
  Span burst{0, 0};
  const auto close = [&] {
    if (count >= thresholds.count) {
      trips.push_back({burst.from_ms - thresholds.delay_ms, burst.until_ms - thresholds.delay_ms});
    }
    count = 0;
  };
  for (const CipherEvent& event : events) {
    if (event.bytes < thresholds.bytes) continue;
    if (count > 0 && event.arrival_ms - burst.until_ms > thresholds.pause_ms) close();
    if (count == 0) burst.from_ms = event.arrival_ms;
    burst.until_ms = event.arrival_ms;
    ++count;
  }
  close();
  return trips;
}

std::size_t matches(const std::vector<Span>& found, const std::vector<DrivenTrip>& truth) {
  std::size_t count = 0;
  auto trip = truth.begin();
  for (const Span& span : found) {
    while (trip != truth.end() && trip->end_ms < span.from_ms) ++trip;
    // The two that may overlap most: this one and the next.
    for (auto other = trip; other != truth.end() && other < trip + 2; ++other) {
      const std::int64_t both =
          std::min(span.until_ms, other->end_ms) - std::max(span.from_ms, other->start_ms);
      const std::int64_t either =
          std::max(span.until_ms, other->end_ms) - std::min(span.from_ms, other->start_ms);
      if (both * 2 < either || both <= 0) continue;
      ++count;
      break;
    }
  }
  return count;
}

struct Score {
  double found = 0;
  double there = 0;
  double right = 0;

  [[nodiscard]] double f1() const { return found + there > 0 ? 2 * right / (found + there) : 0; }
};

Score score_of(const std::vector<std::vector<CipherEvent>>& connections,
               const std::vector<CarTruth>& truth, const Thresholds& thresholds, std::size_t fold) {
  Score score;
  for (std::size_t car = fold; car < truth.size() && car < connections.size(); car += 2) {
    const auto found = detect(connections[car], thresholds);
    score.found += static_cast<double>(found.size());
    score.there += static_cast<double>(truth[car].trips.size());
    score.right += static_cast<double>(matches(found, truth[car].trips));
  }
  return score;
}

Thresholds learn(const std::vector<std::vector<CipherEvent>>& connections,
                 const std::vector<CarTruth>& truth, std::size_t fold) {
  Thresholds best;
  double most = -1;
  for (const std::int64_t pause_ms : kPausesMs) {
    for (const std::size_t count : kCountsLeast) {
      for (const std::int64_t delay_ms : kDelaysMs) {
        for (const std::uint32_t bytes : kBytesLeast) {
          const Thresholds thresholds{pause_ms, count, delay_ms, bytes};
          const double f1 = score_of(connections, truth, thresholds, fold).f1();
          if (f1 <= most) continue;
          most = f1;
          best = thresholds;
        }
      }
    }
  }
  return best;
}

bool at_home(const CarTruth& truth, std::int64_t time_ms, bool& known) {
  constexpr double kHomeMeters = 300;
  for (const Stay& stay : truth.stays) {
    if (stay.from_ms > time_ms || stay.until_ms < time_ms) continue;
    known = true;
    return distance_meters(stay.place, truth.home) <= kHomeMeters;
  }
  return false;
}

// What can be seen of the day before a night: trips, odd or even, and when the last one ended.
using Day = std::pair<std::size_t, std::int64_t>;

Day day_of(const std::vector<Span>& trips, std::int64_t night_ms) {
  std::size_t count = 0;
  std::int64_t last_hours = 0;
  for (const Span& trip : trips) {
    if (trip.until_ms > night_ms || trip.from_ms < night_ms - kDayMs) continue;
    ++count;
    last_hours = (night_ms - trip.until_ms) / (4 * kHourMs) + 1;
  }
  return {std::min<std::size_t>(count, 7), last_hours};
}

struct Answers {
  double home = 0;
  double away = 0;
};

// Calls back with every night of a fold's cars: what was seen, and the truth.
template <typename Callback>
void for_nights(const std::vector<std::vector<CipherEvent>>& connections,
                const std::vector<CarTruth>& truth, const Knowledge& knowledge,
                const Thresholds& thresholds, std::size_t fold, Callback callback) {
  for (std::size_t car = fold; car < truth.size() && car < connections.size(); car += 2) {
    if (truth[car].stays.empty()) continue;
    const auto trips = detect(connections[car], thresholds);
    const std::int64_t offset_ms = knowledge.local_offset_ms;
    const std::int64_t first = (truth[car].stays.front().from_ms + offset_ms) / kDayMs + 1;
    const std::int64_t last = (truth[car].stays.back().until_ms + offset_ms) / kDayMs;
    for (std::int64_t day = first; day <= last; ++day) {
      const std::int64_t night_ms = day * kDayMs + 3 * kHourMs - offset_ms;
      bool known = false;
      const bool home = at_home(truth[car], night_ms, known);
      if (known) callback(day_of(trips, night_ms), home);
    }
  }
}

}  // namespace

TrafficResult analyse_traffic(const std::vector<std::vector<CipherEvent>>& connections,
                              const std::vector<CarTruth>& truth, const Knowledge& knowledge) {
  TrafficResult result;
  Score score;
  Answers all;    // nights by the truth
  Answers right;  // of these, answered rightly
  for (std::size_t fold = 0; fold < 2; ++fold) {
    const Thresholds thresholds = learn(connections, truth, 1 - fold);
    const Score here = score_of(connections, truth, thresholds, fold);
    score.found += here.found;
    score.there += here.there;
    score.right += here.right;
    std::map<Day, Answers> table;
    Answers base{1, 1};
    for_nights(connections, truth, knowledge, thresholds, 1 - fold, [&](const Day& day, bool home) {
      (home ? table[day].home : table[day].away) += 1;
      (home ? base.home : base.away) += 1;
    });
    for_nights(connections, truth, knowledge, thresholds, fold, [&](const Day& day, bool home) {
      const Answers& seen = table[day];
      // Likelier under home than under away: the base rate is left out, so that both count.
      const bool answer = seen.home / base.home >= seen.away / base.away;
      (home ? all.home : all.away) += 1;
      if (answer == home) (home ? right.home : right.away) += 1;
    });
  }
  if (score.found > 0) result.trip_precision = score.right / score.found;
  if (score.there > 0) result.trip_recall = score.right / score.there;
  if (all.home + all.away > 0) result.nights_at_home = all.home / (all.home + all.away);
  result.home_at_night = 0.5;
  if (all.home > 0 && all.away > 0) {
    result.home_at_night = (right.home / all.home + right.away / all.away) / 2;
  }
  return result;
}

}  // namespace sudare::sim::attack
