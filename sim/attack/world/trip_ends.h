// Where a recorded car is at home: guessed from all of its trips, which no attacker has.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/trip/trip.h"
#include "sim/world/geometry.h"

namespace sudare::sim::attack {

struct HomeAndWork {
  Place home;
  Place work;  // the home again where trips know only one place
};

// Starts and ends of trips within 100 m of each other are one place. Home is where most days (from
// 3 o'clock to 3 o'clock of solar time) begin and end; of equals the place with more ends. Trips
// are sorted by time; there is at least one. Pure.
[[nodiscard]] HomeAndWork home_and_work(const std::vector<Trip>& trips);

}  // namespace sudare::sim::attack
