#include "sim/trip/replay_trips.h"

#include <algorithm>

namespace sudare::sim {

namespace {

std::int64_t pause_ms(std::int64_t end_ms, std::int64_t next_start_ms) {
  // Half of the most where trips overlap.
  const std::int64_t pause = next_start_ms - end_ms;
  return pause < 0 ? kReplayPauseMsMax / 2 : std::min(pause, kReplayPauseMsMax);
}

std::int64_t length_ms(const Trip& trip) {
  return trip.fixes.back().time_ms - trip.fixes.front().time_ms;
}

}  // namespace

std::int64_t shifted_duration_ms(const std::vector<Trip>& trips) {
  std::int64_t duration_ms = 0;
  for (std::size_t i = 0; i < trips.size(); ++i) {
    if (i > 0) {
      duration_ms += pause_ms(trips[i - 1].fixes.back().time_ms, trips[i].fixes.front().time_ms);
    }
    duration_ms += length_ms(trips[i]);
  }
  return duration_ms;
}

void shift_trips(std::vector<Trip>& trips, std::int64_t start_ms) {
  std::int64_t next_ms = start_ms;
  std::int64_t recorded_end_ms = 0;
  for (std::size_t i = 0; i < trips.size(); ++i) {
    Trip& trip = trips[i];
    const std::int64_t recorded_start_ms = trip.fixes.front().time_ms;
    if (i > 0) next_ms += pause_ms(recorded_end_ms, recorded_start_ms);
    recorded_end_ms = trip.fixes.back().time_ms;
    const std::int64_t shift_ms = next_ms - recorded_start_ms;
    for (Fix& fix : trip.fixes) fix.time_ms += shift_ms;
    next_ms = trip.fixes.back().time_ms;
  }
}

}  // namespace sudare::sim
