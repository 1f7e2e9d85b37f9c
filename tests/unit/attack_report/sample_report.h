// A report as a full run makes it, with invented figures.
#pragma once

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// Every goal met, every control broken.
[[nodiscard]] Report sample_report();

}  // namespace sudare::sim::attack
