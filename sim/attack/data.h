// What an attack works on: what a recipient holds of each car, and the truth to judge a guess by.
// Attackers get tracks, the road network and the policy's tables; never the truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sim/world/geometry.h"
#include "sim/world/road_network.h"

namespace sudare::sim::attack {

inline constexpr float kNotReleased = std::numeric_limits<float>::quiet_NaN();

// One record as its recipient finds it. 40 bytes: a fleet's month is tens of millions.
struct Seen {
  std::int64_t time_ms = 0;     // as released; 0: none
  std::int64_t arrival_ms = 0;  // when its batch reached the cloud
  std::int32_t latitude_e7 = 0;
  std::int32_t longitude_e7 = 0;
  float speed_kmh = kNotReleased;
  float heading_degrees = kNotReleased;
  float odometer_km = kNotReleased;
};

// Records under one identifier, by time. Where a purpose has no pseudonym, an experiment that
// grants the attacker perfect linkage puts a car's records together all the same.
struct Track {
  std::size_t car = 0;  // index into Fleet::truth; an attacker doesn't look
  std::uint32_t epoch = 0;
  std::vector<Seen> seen;
};

// Where the car stood between two trips.
struct Stay {
  Place place;
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
};

struct DrivenTrip {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  double meters = 0;
  double arterial_meters = 0;
};

struct CarTruth {
  Place home;  // of real traces: the place that most trips end at
  Place work;
  std::vector<Stay> stays;
  std::vector<DrivenTrip> trips;
};

// Cars in one place, and what became of their data under one mechanism.
struct Fleet {
  std::string name;                      // of the network: "grid", "town", "rural"; of a data set
  Place origin;                          // of the plane in which attackers compute
  const RoadNetwork* network = nullptr;  // public knowledge; null for real traces
  std::vector<CarTruth> truth;           // by car
  std::vector<Track> tracks;             // in no order that tells the car
};

}  // namespace sudare::sim::attack
