// A report for people: one HTML page.
#pragma once

#include <string>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// Self-contained: no script, nothing fetched from anywhere (its own content security policy forbids
// both). Light and dark, on screen and paper. Text of operators is escaped. Pure; any thread.
[[nodiscard]] std::string to_html(const Report& report);

}  // namespace sudare::sim::attack
