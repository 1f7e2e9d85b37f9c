// The map of one simulated car: a few days of it, thinned to what a picture shows.
#pragma once

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/report.h"
#include "sim/attack/world/release.h"

namespace sudare::sim::attack {

// Home is where most of the car's stays are. Grid lines are the borders of the released cells, or
// of the ring's where positions are exact. Network and subject are left empty. Pure; any thread.
[[nodiscard]] MapCar map_car(const CarView& view, const Knowledge& knowledge);

}  // namespace sudare::sim::attack
