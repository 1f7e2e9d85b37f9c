// Settles cars in a generated network: homes in its middle, works, shops and friends at distances
// that make trips as long on average as wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/attack/world/car_plan.h"
#include "sim/random.h"
#include "sim/world/road_network.h"

namespace sudare::sim::attack {

struct Car {
  CarPlaces places;
  std::uint64_t seed = 0;
};

struct Settlement {
  std::size_t cars = 0;
  std::size_t days = 0;
  double mean_trip_meters = 0;   // by road
  double crow_share = 0;         // the crow's way, of the road's, in this kind of network
  double homes_side_meters = 0;  // of the square in the middle
  double drive_most_meters = 0;  // from the road to where one parks
};

// The first of the days that cars are planned for: 2026-03-02, a Monday.
inline constexpr std::int64_t kFirstDay = 20'514;

// The same for the same random numbers. Means are within a few percent: detours differ.
[[nodiscard]] std::vector<Car> settle(const RoadNetwork& network, const Settlement& settlement,
                                      Random random);

// The errands of a car; every call begins anew. `random` gets what else the car draws from.
[[nodiscard]] CarCalendar calendar_of(const Car& car, std::size_t days, Random& random);

}  // namespace sudare::sim::attack
