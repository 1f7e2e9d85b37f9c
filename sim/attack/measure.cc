#include "sim/attack/measure.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <utility>

#include "sim/attack/attackers/goals.h"
#include "sim/attack/measure_others.h"
#include "sim/attack/measure_utility.h"
#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

// At 1 Hz a fleet's month takes 2 GB; attackers of raw data need no more than this.
constexpr std::int64_t kNaiveIntervalMs = 5000;
constexpr std::size_t kMapsPerNetwork = 3;
// Joins are quadratic in tracks and need no traces of each second.
constexpr std::size_t kNeighbourRecordsMax = 5'000'000;

std::launch policy_of(const AttackOptions& options) {
  return options.threads == 1 ? std::launch::deferred : std::launch::async;
}

void add_curves(const HomeResult& result, const std::string& subject, const std::string& network,
                Report& report) {
  for (AttackCurve curve : result.curves) {
    curve.subject = subject;
    curve.network = network;
    curve.best = curve.attack == result.best_attack;
    report.curves.push_back(std::move(curve));
  }
}

NegativeControl control_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kCentredCircle: return NegativeControl::kCentredCircle;
    case Mechanism::kFreshNoise: return NegativeControl::kFreshNoise;
    case Mechanism::kFixedTrim: return NegativeControl::kFixedTrim;
    default: return NegativeControl::kRaw;
  }
}

// Among few cars a control that is broken as often as it must be would miss its bound half of the
// time: two standard deviations are left to chance, and the report shows the bound that counted.
void allow_for_chance(std::size_t cars, Control& control) {
  const double share = control.at_least;
  control.at_least -= 2 * std::sqrt(share * (1 - share) / static_cast<double>(cars));
  control.broken = control.share_100m >= control.at_least;
}

// The policy's messages are none that the simulated car sends, so nothing can be said of it.
Goal not_played_goal(const ReleaseCounts& counts, const std::string& network) {
  Goal goal;
  goal.name = "the simulated car sends what the policy reads";
  goal.network = network;
  goal.target = "> 0 messages";
  goal.measured = std::to_string(counts.messages - counts.rejected - counts.unreadable);
  goal.note =
      "the simulator plays vehicle/position, vehicle/status, vehicle/driving and vehicle/trip of "
      "proto/sudare/vehicle/v1; nothing can be said of other topics and schemas";
  return goal;
}

void add_maps(std::vector<MapCar> maps, const std::string& subject, const std::string& network,
              Report& report) {
  for (MapCar& map : maps) {
    if (map.raw.empty()) continue;
    map.subject = subject;
    map.network = network;
    report.maps.push_back(std::move(map));
  }
}

// The goals of Tested's kind.
void judge(const Tested& tested, const Released& released, const Observed& observed,
           const PoiScore& raw, const std::string& network, Report& report) {
  const std::string& subject = tested.subject.name;
  const Knowledge& knowledge = tested.access.knowledge;
  add_goals({parked_goal(count_parked_values(released.fleet, knowledge), network)}, subject,
            report);
  add_goals({poi_goals(attack_places(released.fleet, knowledge), raw, network).front()}, subject,
            report);
  if (tested.hazards) {
    add_goals(hazard_goals(measure_hazards(observed.hazards), network), subject, report);
    return;
  }
  add_utility(observed, tested, network, report);
}

std::size_t records_of(const Fleet& fleet) {
  std::size_t records = 0;
  for (const Track& track : fleet.tracks) records += track.seen.size();
  return records;
}

}  // namespace

Parsed<PoiScore> measure_control(const World& world, Mechanism mechanism, Run& run) {
  const std::string name(name_of(mechanism));
  run.steps.begin(world.name() + ": control: " + name, kControlWeight);
  const auto released = release_naive(world, mechanism, kNaiveIntervalMs, release_options(run));
  if (!released) return stopped();
  const Knowledge knowledge = knowledge_of(mechanism);
  HomeOptions options;
  options.seed = run.options.seed;
  auto places =
      std::async(mechanism == Mechanism::kRaw ? policy_of(run.options) : std::launch::deferred,
                 [&] { return attack_places(released->fleet, knowledge); });
  const HomeResult result = attack_homes(released->fleet, knowledge, options);
  add_curves(result, name, world.name(), run.report);
  Control control = attack::control_of(control_of(mechanism), result, world.name());
  if (world.cars() < kCarsToJudgeBy) allow_for_chance(world.cars(), control);
  run.report.controls.push_back(std::move(control));
  if (stop_requested()) return stopped();
  if (mechanism != Mechanism::kRaw) return PoiScore{};
  const PoiScore raw = places.get();
  // Of what is released this says nothing yet, but that the attackers know their trade.
  add_goals({poi_goals(raw, raw, world.name()).back()}, "raw data", run.report);
  return raw;
}

Parsed<Done> measure_subject(const World& world, const Tested& tested, const PoiScore& raw,
                             Run& run, Neighbour& neighbour) {
  const std::string& subject = tested.subject.name;
  const std::string network = world.name();
  const Knowledge& knowledge = tested.access.knowledge;
  run.steps.begin(network + ": " + subject, kSubjectWeight);
  const std::size_t maps = run.report.subjects.size() > 2 ? 1 : kMapsPerNetwork;
  Observer observer(knowledge, tested.hazards ? 0 : maps);
  ReleaseOptions options = release_options(run);
  options.observer = [&observer](const CarView& view) { observer.see(view); };
  auto released = release(world, *tested.policy, tested.purpose, options);
  if (!released || stop_requested()) return stopped();
  const ReleaseCounts& counts = released->counts;
  if (counts.messages == counts.rejected ||
      (counts.released > 0 && counts.released == counts.unreadable)) {
    add_goals({not_played_goal(counts, network)}, subject, run.report);
    return Done{};
  }
  HomeOptions attacks;
  attacks.seed = run.options.seed;
  auto gains = std::async(policy_of(run.options),
                          [&] { return gain_from_fields(released->fleet, knowledge, attacks); });
  const HomeResult homes = attack_homes(released->fleet, knowledge, attacks);
  add_curves(homes, subject, network, run.report);
  add_goals(home_goals(homes, tested.profile, network), subject, run.report);
  Observed observed = observer.result();
  judge(tested, *released, observed, raw, network, run.report);
  add_maps(std::move(observed.maps), subject, network, run.report);
  measure_others(*released, tested, run, neighbour);
  add_goals(field_goals(gains.get(), network), subject, run.report);
  neighbour.tracks.clear();
  if (records_of(released->fleet) <= kNeighbourRecordsMax) {
    neighbour = {subject, std::move(released->fleet.tracks), knowledge};
  }
  return stop_requested() ? Parsed<Done>(stopped()) : Parsed<Done>(Done{});
}

}  // namespace sudare::sim::attack
