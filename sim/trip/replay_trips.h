// Recorded trips as one car's, in time: shifted to now, with short pauses between, or as recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/trip/trip.h"

namespace sudare::sim {

// Between two trips that are shifted. Long enough to count as a stop (5 minutes at rest), short
// enough to wait for.
inline constexpr std::int64_t kReplayPauseMsMax = 6 * 60'000;

// Moves the trips so that the first starts at `start_ms` and pauses are at most kReplayPauseMsMax;
// trips that overlap (recorded by several cars) follow one another.
void shift_trips(std::vector<Trip>& trips, std::int64_t start_ms);

// From the first fix to the last, once shifted.
[[nodiscard]] std::int64_t shifted_duration_ms(const std::vector<Trip>& trips);

// Gives the trips one by one.
class ReplayTrips final : public TripSource {
 public:
  explicit ReplayTrips(std::vector<Trip> trips) : trips_(std::move(trips)) {}
  [[nodiscard]] std::optional<Trip> next() override {
    if (at_ == trips_.size()) return std::nullopt;
    return std::move(trips_[at_++]);
  }

 private:
  std::vector<Trip> trips_;
  std::size_t at_ = 0;
};

}  // namespace sudare::sim
