// Drives a route: speeds, stops at signals, turns and harsh manoeuvres, sampled as fixes.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/car/gnss.h"
#include "sim/random.h"
#include "sim/trip/trip.h"
#include "sim/world/road_network.h"
#include "sudare/sim/v1/profile.pb.h"

namespace sudare::sim {

// Where one can park: a driveway or a car park beside a junction.
struct Stop {
  std::string name;
  Point at;
  std::size_t junction = 0;
};

// The trip from `from` to `to`, leaving at `start_ms`. Draws from `random` and `gnss`. The two must
// be connected.
[[nodiscard]] Trip drive(const RoadNetwork& network, const v1::Profile& profile, const Stop& from,
                         const Stop& to, std::int64_t start_ms, Gnss& gnss, Random& random);

}  // namespace sudare::sim
