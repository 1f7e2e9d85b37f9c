// The whole measurement: every network, every control, every subject, then real traces.
//
//   1. Read and check the policy (subjects.h).
//   2. For each network, and each SUMO file that was given: make the cars; break the negative
//      controls; release through the real pipeline what each subject lets out; attack it.
//   3. The same with recordings of real drivers, aggregates only.
#pragma once

#include "sim/attack/options.h"
#include "sim/attack/report.h"
#include "sim/error.h"

namespace sudare::sim::attack {

// Progress goes to stderr. An error also when it was stopped.
[[nodiscard]] Parsed<Report> run_attack(const AttackOptions& options);

}  // namespace sudare::sim::attack
