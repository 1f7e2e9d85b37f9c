// What a simulated car drove, and what its recipient got, drawn over each other as inline SVG.
#pragma once

#include <string>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// A <figure>; north is up, one metre is as long in both directions. `id` is unique on the page.
// Points are drawn as they are: thin them first. Pure.
[[nodiscard]] std::string map_figure(const MapCar& car, const std::string& id);

}  // namespace sudare::sim::attack
