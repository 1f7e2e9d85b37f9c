// A report for the terminal.
#pragma once

#include <string>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// Goals, controls, utility and real traces as aligned columns, the verdict last. Pure.
[[nodiscard]] std::string to_table(const Report& report);

}  // namespace sudare::sim::attack
