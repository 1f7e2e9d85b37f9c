// What a report comes to, for the exit status and the headline.
#pragma once

#include <cstddef>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

enum class Outcome {
  kMet,           // every goal is met, every control broken
  kMissed,        // a goal is missed, or there was none
  kWeakAttackers  // a control is not broken, or there was none: nothing is proven either way
};

[[nodiscard]] Outcome outcome(const Report& report);

// Goals, and real traces that ran.
struct Tally {
  std::size_t met = 0;
  std::size_t total = 0;
};
[[nodiscard]] Tally goals_met(const Report& report);
[[nodiscard]] Tally controls_broken(const Report& report);

}  // namespace sudare::sim::attack
