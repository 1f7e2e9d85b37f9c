#include "sim/attack/report/outcome.h"

namespace sudare::sim::attack {

Tally goals_met(const Report& report) {
  Tally tally;
  const auto count = [&](bool pass) {
    ++tally.total;
    if (pass) ++tally.met;
  };
  for (const Goal& goal : report.goals) count(goal.pass);
  for (const RealTraces& traces : report.real_traces) {
    if (traces.not_run.empty()) count(traces.pass);
  }
  return tally;
}

Tally controls_broken(const Report& report) {
  Tally tally{0, report.controls.size()};
  for (const Control& control : report.controls) {
    if (control.broken) ++tally.met;
  }
  return tally;
}

Outcome outcome(const Report& report) {
  const Tally controls = controls_broken(report);
  if (controls.met < controls.total || controls.total == 0) return Outcome::kWeakAttackers;
  const Tally goals = goals_met(report);
  return goals.met < goals.total || report.goals.empty() ? Outcome::kMissed : Outcome::kMet;
}

}  // namespace sudare::sim::attack
