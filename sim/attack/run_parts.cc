// What all measurements share.
#include <utility>

#include "sim/attack/measure.h"

namespace sudare::sim::attack {

namespace {

// The share of a step that goes by while cars drive.
constexpr double kDrivingShare = 0.5;

}  // namespace

ReleaseOptions release_options(Run& run) {
  ReleaseOptions options;
  options.threads = run.options.threads;
  options.one_track_per_car = true;
  options.seed = run.options.seed;
  options.progress = [&run](std::size_t done, std::size_t total) {
    run.steps.show(kDrivingShare * static_cast<double>(done) / static_cast<double>(total));
  };
  return options;
}

tl::unexpected<InputError> stopped() { return input_error({}, 0, "stopped"); }

void add_goals(std::vector<Goal> goals, const std::string& subject, Report& report) {
  for (Goal& goal : goals) {
    goal.subject = subject;
    report.goals.push_back(std::move(goal));
  }
}

}  // namespace sudare::sim::attack
