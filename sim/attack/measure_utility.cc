#include "sim/attack/measure_utility.h"

#include <algorithm>
#include <cmath>

#include "sim/attack/attackers/goals.h"
#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

constexpr double kSeenTripsLeast = 0.9;
constexpr double kLongTripKm = 20;
// Shares of kilometres need far fewer cars than shares of homes.
constexpr std::size_t kLongTripCarsLeast = 20;
constexpr std::size_t kLongTripDaysMost = 7;

std::string percent_at_least(double share) {
  return "≥ " + std::to_string(std::lround(share * 100)) + " %";
}

// Privacy by releasing nothing is no achievement.
Goal seen_goal(const Observed& observed, const std::string& network) {
  Goal goal;
  goal.name = "trips of 6 km or more that the service sees";
  goal.network = network;
  goal.target = percent_at_least(kSeenTripsLeast);
  goal.value = observed.trips == 0
                   ? 0
                   : static_cast<double>(observed.trips_seen) / static_cast<double>(observed.trips);
  goal.measured = std::to_string(std::lround(goal.value * 100)) + " %";
  goal.pass = goal.value >= kSeenTripsLeast;
  if (observed.trips_seen == 0) goal.note = "no position is released: private, and of no use";
  return goal;
}

void add_metric(const std::string& name, double value, const std::string& unit,
                const std::string& subject, const std::string& network, Report& report) {
  // Threads add up in any order: the last digits are not the same twice.
  report.utility.push_back({name, network, std::round(value * 1e6) / 1e6, unit, subject});
}

void add_metrics(const Observed& observed, const std::string& subject, const std::string& network,
                 Report& report) {
  const Utility& utility = observed.utility;
  const auto add = [&](const char* name, double value, const char* unit) {
    add_metric(name, value, unit, subject, network, report);
  };
  add("displacement, mean", utility.displacement_mean_meters, "m");
  add("displacement, 95th percentile", utility.displacement_p95_meters, "m");
  add("kilometres within 10 m of a released position", utility.all.share, "%");
  add("arterial kilometres within 10 m", utility.all.arterial_share, "%");
  add("speed by road, mean error", utility.segment_speed_error_kmh, "km/h");
  add("driven roads with a released speed", utility.links_covered, "%");
  add("trip lengths, distance of histograms", utility.trip_length_distance, "");
}

}  // namespace

void add_utility(const Observed& observed, const Tested& tested, const std::string& network,
                 Report& report) {
  const std::string& subject = tested.subject.name;
  if (tested.fine) {
    Utility utility = observed.utility;
    utility.trips_20km = {};  // measure_long_trips has more of them
    add_goals(utility_goals(utility, network), subject, report);
  }
  add_goals({seen_goal(observed, network)}, subject, report);
  add_metrics(observed, subject, network, report);
}

Parsed<Done> measure_long_trips(WorldKind kind, const Tested& tested, Run& run) {
  run.steps.begin(std::string(name_of(kind)) + ": " + tested.subject.name + ": long trips",
                  kLongTripsWeight);
  WorldOptions options;
  options.cars = std::max(kLongTripCarsLeast, run.options.cars / 10);
  options.days = std::min(kLongTripDaysMost, run.options.days);
  options.mean_trip_km = kLongTripKm;
  options.seed = run.options.seed;
  const auto world = make_world(kind, options);
  Observer observer(tested.access.knowledge, 0);
  ReleaseOptions releasing = release_options(run);
  releasing.keep_tracks = false;
  releasing.observer = [&observer](const CarView& view) { observer.see(view); };
  const auto released = release(*world, *tested.policy, tested.purpose, releasing);
  if (!released || stop_requested()) return stopped();
  Utility utility = observer.result().utility;
  utility.trips_8km = {};
  add_goals(utility_goals(utility, world->name()), tested.subject.name, run.report);
  return Done{};
}

}  // namespace sudare::sim::attack
