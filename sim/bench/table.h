// A report for the terminal.
#pragma once

#include <string>

#include "sim/bench/report.h"

namespace sudare::sim::bench {

[[nodiscard]] std::string table_of(const Report& report);

}  // namespace sudare::sim::bench
