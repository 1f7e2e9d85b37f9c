// One mechanism on one world: what it releases goes to every attacker, what they find into the
// report.
#pragma once

#include <string>
#include <vector>

#include "sim/attack/attackers/poi.h"
#include "sim/attack/observe.h"
#include "sim/attack/options.h"
#include "sim/attack/report.h"
#include "sim/attack/steps.h"
#include "sim/attack/subjects.h"
#include "sim/attack/world/naive.h"
#include "sim/error.h"

namespace sudare::sim::attack {

// Shares of the time that a run takes, in the unit of Steps. A network has every control and every
// subject.
inline constexpr double kControlWeight = 3;
inline constexpr double kSubjectWeight = 12;

// What all measurements of a run share.
struct Run {
  const AttackOptions& options;
  Steps& steps;
  Report& report;
};

// Tracks of the subject before, for joins of what two recipients hold.
struct Neighbour {
  std::string name;
  std::vector<Track> tracks;
  Knowledge knowledge;
};

void add_goals(std::vector<Goal> goals, const std::string& subject, Report& report);

// As every run over the cars has them. Their progress is the first half of the step: attackers take
// the rest.
[[nodiscard]] ReleaseOptions release_options(Run& run);

[[nodiscard]] tl::unexpected<InputError> stopped();

// Adds the control and its curves. Of raw data also how many places of interest it gives away, as
// the measure for what is released.
[[nodiscard]] Parsed<PoiScore> measure_control(const World& world, Mechanism mechanism, Run& run);

// Adds goals, curves, uniqueness, other attacks, utility and maps. `neighbour` is replaced by this
// subject where its tracks are few enough to keep.
[[nodiscard]] Parsed<Done> measure_subject(const World& world, const Tested& tested,
                                           const PoiScore& raw, Run& run, Neighbour& neighbour);

}  // namespace sudare::sim::attack
