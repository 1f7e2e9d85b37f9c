// How values go into fields, for every kind of message.
#pragma once

#include <cmath>

#include "sim/traffic/messages.h"

namespace sudare::sim {

// Sensors report one decimal; binary noise behind it would only cost bytes.
inline float tenth(double value) { return static_cast<float>(std::round(value * 10) / 10); }

template <class Target>
void set_place(Target& target, const Place& place) {
  target.set_latitude_e7(to_e7(place.latitude));
  target.set_longitude_e7(to_e7(place.longitude));
}

// Odometers count in steps of 100 m on the bus.
inline double odometer(const CarState& state) { return std::floor(state.odometer_km * 10) / 10; }

}  // namespace sudare::sim
