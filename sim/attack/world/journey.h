// Drives a route at 1 Hz, fast: accelerates, brakes for turns and red lights, stops. Between two
// stretches' ends motion is computed in closed form, so that a month of a car takes a fraction of a
// second. (sim/car/drive.h is the finer model for a bench; it steps ten times a second.)
#pragma once

#include <cstdint>
#include <vector>

#include "sim/attack/data.h"
#include "sim/car/gnss.h"
#include "sim/random.h"
#include "sim/trip/trip.h"
#include "sim/world/routes.h"

namespace sudare::sim::attack {

// How somebody drives.
struct Driver {
  double speed_share = 0.97;  // of the limit
  double acceleration_ms2 = 1.6;
  double braking_ms2 = 1.8;
};

// Replaces `trip`; its fixes are observed through `gnss`, which must have been observing the car
// where it was parked. One thread.
void drive_route(const Route& route, const Driver& driver, Place origin, std::int64_t start_ms,
                 Gnss& gnss, Random& random, Trip& trip);

// What was driven: by the fixes' times and the route's lengths.
[[nodiscard]] DrivenTrip driven_of(const Route& route, const Trip& trip);

}  // namespace sudare::sim::attack
