#include "sim/attack/run_attack.h"

#include <memory>
#include <utility>

#include "sim/attack/measure.h"
#include "sim/attack/measure_others.h"
#include "sim/attack/measure_real.h"
#include "sim/attack/measure_units.h"
#include "sim/attack/measure_utility.h"
#include "sim/attack/subjects.h"
#include "sim/attack/world/recorded.h"
#include "sim/attack/world/world.h"
#include "sim/trip/sumo_fcd.h"

namespace sudare::sim::attack {

namespace {

constexpr double kWorldWeight = 0.5;

double weight_of(const AttackOptions& options, const Subjects& subjects) {
  double network = kWorldWeight + kControlWeight * kNegativeControls.size() +
                   kSubjectWeight * static_cast<double>(subjects.tested.size());
  for (const Tested& tested : subjects.tested) network += tested.fine ? kLongTripsWeight : 0;
  network += kPlacelessWeight * static_cast<double>(subjects.placeless.size());
  return network * static_cast<double>(options.networks.size() + options.fcd.size()) +
         (options.real_traces ? kRealWeight * kRealDataSets : 0) +
         kMillionMessagesWeight * static_cast<double>(options.messages) / 1e6;
}

void add_refused(const Subjects& subjects, Report& report) {
  for (const Refused& refused : subjects.refused) {
    report.subjects.push_back({refused.name, "Not measured: " + refused.why, true, {}});
    Goal goal;
    goal.name = "the policy check accepts its policy";
    goal.subject = refused.name;
    goal.target = "accepted";
    goal.measured = "refused";
    goal.note = refused.why;
    report.goals.push_back(std::move(goal));
  }
}

// A policy that gives nobody a position has met no goal of privacy by protecting anything.
void add_nothing_released(Report& report) {
  Goal goal;
  goal.name = "a service receives positions";
  goal.subject = report.policy;
  goal.target = "1 purpose or more";
  goal.measured = "none";
  goal.note = "no purpose of a service gets a position: private, and of no use to one";
  report.goals.push_back(std::move(goal));
}

Parsed<Done> measure_world(const World& world, const Subjects& subjects, Run& run) {
  PoiScore raw;
  for (const Mechanism mechanism : kNegativeControls) {
    // Circles, noise and trims are broken with a map of the roads, and over a month; a file of
    // tracks has neither.
    if (world.network() == nullptr && mechanism != Mechanism::kRaw) continue;
    auto score = measure_control(world, mechanism, run);
    if (!score) return tl::unexpected<InputError>(score.error());
    if (mechanism == Mechanism::kRaw) raw = *score;
  }
  Neighbour neighbour;
  for (const Tested& tested : subjects.tested) {
    if (auto done = measure_subject(world, tested, raw, run, neighbour); !done) return done;
  }
  for (const Tested& tested : subjects.placeless) {
    if (auto done = measure_placeless(world, tested, neighbour, run); !done) return done;
  }
  return Done{};
}

// What needs no roads.
Parsed<Done> measure_whole_cars(const Subjects& subjects, Run& run) {
  for (const Tested& tested : subjects.tested) {
    if (auto done = measure_cost(tested, run); !done) return done;
  }
  const std::string name = run.options.policy.empty() ? "shipped policy" : "the whole policy";
  return measure_units(*subjects.whole, name, run);
}

using Worlds = std::vector<std::unique_ptr<const World>>;

// Before half an hour of work, not after it.
Parsed<Worlds> read_recorded(const std::vector<std::string>& files) {
  FcdOptions from_midnight;  // where the cars drive, as the attackers know
  from_midnight.time_offset_ms -= kJapanOffsetMs;
  Worlds worlds;
  for (const std::string& file : files) {
    auto world = sumo_world(file, from_midnight);
    if (!world) return tl::unexpected<InputError>(world.error());
    if ((*world)->cars() < kCarsLeast) {
      return input_error(file, 0,
                         std::to_string((*world)->cars()) + " cars with a trip are too few",
                         "from " + std::to_string(kCarsLeast) +
                             " on an attack that fails says something; simulate more cars");
    }
    worlds.push_back(*std::move(world));
  }
  return worlds;
}

Parsed<Done> measure_networks(const Worlds& recorded, const Subjects& subjects, Run& run) {
  for (const WorldKind kind : run.options.networks) {
    run.steps.begin(std::string(name_of(kind)) + ": roads and cars", kWorldWeight);
    WorldOptions options;
    options.cars = run.options.cars;
    options.days = run.options.days;
    options.seed = run.options.seed;
    const auto world = make_world(kind, options);
    if (auto done = measure_world(*world, subjects, run); !done) return done;
    for (const Tested& tested : subjects.tested) {
      if (!tested.fine) continue;
      if (auto done = measure_long_trips(kind, tested, run); !done) return done;
    }
  }
  for (const auto& world : recorded) {
    if (auto done = measure_world(*world, subjects, run); !done) return done;
  }
  return Done{};
}

}  // namespace

Parsed<Report> run_attack(const AttackOptions& options) {
  auto subjects = subjects_of(options);
  if (!subjects) return tl::unexpected<InputError>(subjects.error());
  const auto recorded = read_recorded(options.fcd);
  if (!recorded) return tl::unexpected<InputError>(recorded.error());
  Report report;
  report.title = "Sudare privacy report";
  report.policy = options.policy.empty() ? "shipped" : options.policy;
  report.purpose = options.purpose;
  report.seed = options.seed;
  report.cars = options.cars;
  report.days = options.days;
  report.reduced = options.reduced;
  for (const Tested& tested : subjects->tested) report.subjects.push_back(tested.subject);
  for (const Subject& subject : subjects->untested) report.subjects.push_back(subject);
  add_refused(*subjects, report);
  if (subjects->tested.empty() && subjects->refused.empty()) add_nothing_released(report);
  Steps steps(weight_of(options, *subjects));
  Run run{options, steps, report};
  if (auto done = measure_networks(*recorded, *subjects, run); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  if (options.real_traces && !subjects->tested.empty()) {
    if (auto done = measure_real_traces(*subjects, run); !done) {
      return tl::unexpected<InputError>(done.error());
    }
  }
  if (auto done = measure_whole_cars(*subjects, run); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  steps.end();
  report.took_seconds = steps.seconds();
  return report;
}

}  // namespace sudare::sim::attack
