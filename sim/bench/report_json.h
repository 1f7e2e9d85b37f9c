// A report as JSON: the figures that stand for the run at the top, then everything.
#pragma once

#include <string>

#include "sim/bench/report.h"

namespace sudare::sim::bench {

[[nodiscard]] std::string json_of(const Report& report);

}  // namespace sudare::sim::bench
