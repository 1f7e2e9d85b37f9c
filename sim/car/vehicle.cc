#include "sim/car/vehicle.h"

#include <utility>

#include "base/clock.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kJapanMs = 9 * 3'600'000;
// A Monday long before any run: 2024-01-01.
constexpr std::int64_t kAnyMonday = 19'723;

// Independent streams of one seed: identity, days, traffic.
Random stream_of(std::uint64_t seed, int number) {
  Random root(seed);
  Random stream = root.fork();
  for (int i = 0; i < number; ++i) stream = root.fork();
  return stream;
}

}  // namespace

std::optional<Trip> ShiftedTrips::next() {
  for (;;) {
    auto trip = trips_.next();
    if (!trip) return trip;
    if (!shift_ms_) shift_ms_ = time_.start_ms - trip->fixes.front().time_ms;
    for (Fix& fix : trip->fixes) fix.time_ms += *shift_ms_;
    if (trip->fixes.front().time_ms >= time_.start_ms) return trip;
  }
}

CarIdentity identity_of_seed(std::uint64_t seed) { return make_identity(stream_of(seed, 0)); }

Vehicle::Vehicle(const v1::Profile& profile, std::uint64_t seed, VehicleTime time,
                 TrafficOptions options, const RoadNetwork* roads)
    : identity_(identity_of_seed(seed)) {
  const std::int64_t first_day =
      time.calendar ? (time.start_ms + kJapanMs) / kMsPerDay : kAnyMonday;
  days_ = std::make_unique<DailyTrips>(profile, stream_of(seed, 1), first_day, roads);
  trips_ = std::make_unique<ShiftedTrips>(*days_, time);
  traffic_ = std::make_unique<Traffic>(profile, identity_, *trips_, std::move(options),
                                       stream_of(seed, 2));
}

}  // namespace sudare::sim
