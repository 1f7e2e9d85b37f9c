// One simulated car: identity, days, traffic, from a profile and a seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sim/car/daily_trips.h"
#include "sim/car/identity.h"
#include "sim/traffic/traffic.h"

namespace sudare::sim {

// When the car's days lie. With `calendar`, at their own hours in Japan, from `start_ms` on: a run
// that starts at night waits for the morning. Without, the first trip of a Monday begins at
// `start_ms`.
struct VehicleTime {
  std::int64_t start_ms = 0;
  bool calendar = false;
};

// The days of a car, moved in time. Trips that begin before time.start_ms are left out.
class ShiftedTrips final : public TripSource {
 public:
  ShiftedTrips(DailyTrips& trips, VehicleTime time) : trips_(trips), time_(time) {
    if (time.calendar) shift_ms_ = 0;
  }
  [[nodiscard]] std::optional<Trip> next() override;

 private:
  DailyTrips& trips_;
  VehicleTime time_;
  std::optional<std::int64_t> shift_ms_;  // nothing: the first trip says it
};

// Not movable: its parts refer to one another.
class Vehicle {
 public:
  // `roads`: see DailyTrips.
  Vehicle(const v1::Profile& profile, std::uint64_t seed, VehicleTime time, TrafficOptions options,
          const RoadNetwork* roads = nullptr);
  Vehicle(const Vehicle&) = delete;
  Vehicle& operator=(const Vehicle&) = delete;

  [[nodiscard]] MessageSource& messages() { return *traffic_; }
  [[nodiscard]] const CarIdentity& identity() const { return identity_; }
  [[nodiscard]] Place home() const { return days_->home(); }
  [[nodiscard]] Place work() const { return days_->work(); }

 private:
  CarIdentity identity_;
  std::unique_ptr<DailyTrips> days_;
  std::unique_ptr<ShiftedTrips> trips_;
  std::unique_ptr<Traffic> traffic_;
};

// The identity of the car of `seed`: the same for `vehicle` and `replay`.
[[nodiscard]] CarIdentity identity_of_seed(std::uint64_t seed);

}  // namespace sudare::sim
