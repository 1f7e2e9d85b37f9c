// A report for programs.
#pragma once

#include <string>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// One JSON object, indented, with a newline at its end: every member of Report under its own name,
// and "outcome": "met", "missed" or "weak attackers". Numbers that are none (NaN) become null; what
// is no UTF-8 in an operator's text is replaced. Pure; any thread.
[[nodiscard]] std::string to_json(const Report& report);

}  // namespace sudare::sim::attack
