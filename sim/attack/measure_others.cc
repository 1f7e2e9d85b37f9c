#include "sim/attack/measure_others.h"

#include <algorithm>
#include <utility>

#include "sim/attack/attackers/ciphertext_traffic.h"
#include "sim/attack/attackers/goals.h"
#include "sim/attack/attackers/joins.h"
#include "sim/attack/attackers/linkage.h"
#include "sim/attack/attackers/uniqueness.h"
#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

class Metrics {
 public:
  Metrics(std::string subject, std::string network, Report& report)
      : subject_(std::move(subject)), network_(std::move(network)), report_(report) {}
  void add(const std::string& name, double value) {
    report_.other_attacks.push_back({name, network_, value, "%", subject_});
  }
  void add(const std::string& name, const LinkResult& result) {
    if (result.links == 0) return;
    add(name, result.share_right);
    add(name + ": by guessing", result.by_chance);
  }

 private:
  std::string subject_;
  std::string network_;
  Report& report_;
};

void link(const Released& released, const Tested& tested, Run& run, Metrics& metrics) {
  const Knowledge& knowledge = tested.access.knowledge;
  const std::string& network = released.fleet.name;
  OvernightOptions overnight;
  overnight.cars_per_km2 = kOvernightCarsPerKm2;
  overnight.seed = run.options.seed;
  const LinkResult nights = link_overnight(released.fleet, knowledge, overnight);
  // A reduced fleet is thinner, and thinner fleets are easier to link: no goal for them.
  const bool dense = nights.cars_per_km2 >= 0.8 * kOvernightCarsPerKm2;
  if (tested.fine && dense) {
    Goal goal = overnight_goal(nights, network);
    goal.subject = tested.subject.name;
    run.report.goals.push_back(std::move(goal));
  }
  metrics.add("overnight link, without identifier", nights);
  metrics.add("next probe in drive, without identifier",
              link_in_drive(released.fleet, knowledge, InDriveOptions{}));
  metrics.add("pseudonym to the next by trip ends", link_profiles(released.fleet, knowledge));
}

}  // namespace

void measure_others(const Released& released, const Tested& tested, Run& run,
                    const Neighbour& neighbour) {
  const Fleet& fleet = released.fleet;
  const Knowledge& knowledge = tested.access.knowledge;
  Metrics metrics(tested.subject.name, fleet.name, run.report);
  link(released, tested, run, metrics);
  if (!neighbour.tracks.empty()) {
    const JoinResult joined =
        join_by_content(neighbour.tracks, neighbour.knowledge, fleet.tracks, knowledge);
    metrics.add("joined with " + neighbour.name + " by times and cells", joined.share_joined);
  }
  const TrafficResult traffic = analyse_traffic(released.ciphertexts, fleet.truth, knowledge);
  metrics.add("trips seen in ciphertexts, precision", traffic.trip_precision);
  metrics.add("trips seen in ciphertexts, recall", traffic.trip_recall);
  metrics.add("at home at night, from ciphertexts (50 % is guessing)", traffic.home_at_night);
  UniquenessOptions options;
  options.seed = run.options.seed;
  const auto shares = uniqueness(fleet, options);
  if (std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0; })) {
    run.report.uniqueness.push_back(
        {fleet.name, tested.subject.name, {shares.begin(), shares.end()}});
  }
}

Parsed<Done> measure_placeless(const World& world, const Tested& tested, const Neighbour& neighbour,
                               Run& run) {
  run.steps.begin(world.name() + ": " + tested.subject.name + " (no position)", kPlacelessWeight);
  const auto released = release(world, *tested.policy, tested.purpose, release_options(run));
  if (!released || stop_requested()) return stopped();
  const std::vector<Track>& tracks = released->fleet.tracks;
  const bool any = std::any_of(tracks.begin(), tracks.end(),
                               [](const Track& track) { return !track.seen.empty(); });
  if (!any || neighbour.tracks.empty()) return Done{};
  const JoinResult joined =
      join_by_content(neighbour.tracks, neighbour.knowledge, tracks, tested.access.knowledge);
  Metrics metrics(tested.subject.name, world.name(), run.report);
  metrics.add("joined with " + neighbour.name + " by times alone", joined.share_joined);
  metrics.add("joined with " + neighbour.name + " by times alone: by guessing", joined.by_chance);
  return Done{};
}

}  // namespace sudare::sim::attack
