#include "sim/attack/attackers/goals.h"

#include <cmath>
#include <cstdio>

namespace sudare::sim::attack {

namespace {

std::string number(double value, int decimals) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return {text, static_cast<std::size_t>(length)};
}

std::string percent(double share) { return number(share * 100, 1) + " %"; }
std::string points(double share) { return number(share * 100, 1) + " points"; }

Goal most(std::string name, const std::string& network, double value, double limit,
          std::string (*text)(double)) {
  Goal goal;
  goal.name = std::move(name);
  goal.network = network;
  goal.target = "≤ " + text(limit);
  goal.measured = text(value);
  goal.value = value;
  goal.pass = value <= limit;  // false for NaN
  return goal;
}

Goal least(std::string name, const std::string& network, double value, double limit,
           std::string (*text)(double)) {
  Goal goal = most(std::move(name), network, value, limit, text);
  goal.target = "≥ " + text(limit);
  goal.pass = value >= limit;
  return goal;
}

std::string meters(double value) { return number(value, 0) + " m"; }
std::string seconds(double ms) { return number(ms / 1000, 1) + " s"; }
std::string microseconds(double us) { return number(us, 1) + " µs"; }
std::string plain(double value) { return number(value, 0); }
std::string score(double value) { return number(value, 2); }

// A goal about nothing is not met.
void require(bool measured, Goal& goal) {
  if (measured) return;
  goal.pass = false;
  goal.measured = "nothing to measure";
}

}  // namespace

std::vector<Goal> home_goals(const HomeResult& result, Profile profile,
                             const std::string& network) {
  std::vector<Goal> goals;
  const std::string note = "best: " + result.best_attack;
  const auto add = [&](const char* name, double value, double limit) {
    goals.push_back(most(name, network, value, limit, &percent));
    goals.back().note = note;
  };
  const AttackCurve& best = result.best;
  if (profile == Profile::kStrict) {
    add("home, best attack, within 100 m, strict profile", best.within_100m, kStrictHome100mMost);
    add("home, best attack, within 250 m, strict profile", best.within_250m, kStrictHome250mMost);
    add("home, best attack, within 500 m, strict profile", best.within_500m, kStrictHome500mMost);
  } else {
    add("home, best attack, within 100 m", best.within_100m, kHome100mMost);
    add("home, best attack, within 250 m", best.within_250m, kHome250mMost);
    goals.push_back(most("home, excess over the cell alone, within 100 m", network,
                         result.excess.within_100m, kHomeExcessMost, &points));
    goals.push_back(most("home, excess over the cell alone, within 250 m", network,
                         result.excess.within_250m, kHomeExcessMost, &points));
  }
  for (Goal& goal : goals) require(result.tracks > 0, goal);
  return goals;
}

std::vector<Goal> field_goals(const std::vector<FieldGain>& gains, const std::string& network) {
  std::vector<Goal> goals;
  for (const FieldGain& gain : gains) {
    goals.push_back(most("home, gain from " + gain.field + " beside the position, within 100 m",
                         network, gain.gain_100m, kFieldGainMost, &points));
  }
  return goals;
}

Goal parked_goal(const ParkedResult& result, const std::string& network) {
  Goal goal = most("distinct values per stop of a parked car", network,
                   static_cast<double>(result.distinct_most),
                   static_cast<double>(kParkedValuesMost), &plain);
  require(result.stops > 0, goal);
  return goal;
}

std::vector<Goal> poi_goals(const PoiScore& released, const PoiScore& raw,
                            const std::string& network) {
  std::vector<Goal> goals;
  goals.push_back(
      most("places of interest, F1 within 100 m", network, released.f1, kPoiF1Most, &score));
  goals.push_back(least("places of interest from raw data, F1 within 100 m", network, raw.f1,
                        kRawPoiF1Least, &score));
  for (Goal& goal : goals) require(raw.true_places > 0, goal);
  return goals;
}

Goal overnight_goal(const LinkResult& result, const std::string& network) {
  Goal goal = most("overnight link without identifier", network, result.share_right, kOvernightMost,
                   &percent);
  goal.note = "at " + number(result.cars_per_km2, 1) + " cars/km²";
  require(result.links > 0, goal);
  return goal;
}

std::vector<Goal> utility_goals(const Utility& utility, const std::string& network) {
  std::vector<Goal> goals;
  const auto add = [&](const char* name, const KeptShare& kept, double limit) {
    if (kept.trips == 0) return;  // this fleet has no trips of this length
    goals.push_back(least(name, network, kept.arterial_share, limit, &percent));
  };
  add("arterial km within 10 m, 7.8 km trips", utility.trips_8km, kArterialKept8kmLeast);
  add("arterial km within 10 m, 20 km trips", utility.trips_20km, kArterialKept20kmLeast);
  return goals;
}

std::vector<Goal> hazard_goals(const HazardResult& hazards, const std::string& network) {
  std::vector<Goal> goals;
  goals.push_back(most("hazard outside the hold, error p95", network,
                       hazards.outside_error_p95_meters, kHazardErrorMetersMost, &meters));
  goals.push_back(most("hazard outside the hold, delay p95", network, hazards.outside_delay_p95_ms,
                       kHazardDelayMsMost, &seconds));
  require(hazards.outside > 0 && hazards.outside_arrived > 0, goals[0]);
  require(hazards.outside > 0 && hazards.outside_arrived > 0, goals[1]);
  goals.push_back(most("hazard inside the hold, coarse after, p95", network,
                       hazards.inside_coarse_delay_p95_ms, kHazardCoarseMsMost, &seconds));
  require(hazards.inside > 0 && hazards.inside_arrived > 0, goals[2]);
  return goals;
}

Goal leak_goal(const LeakScan& scan) {
  Goal goal = most("plaintext identifiers or canaries outside seals", {},
                   static_cast<double>(scan.outside), 0, &plain);
  goal.measured += " in " + std::to_string(scan.messages) + " messages";
  goal.note = std::to_string(scan.batches) +
              " batches; in the messages themselves the scan finds " + std::to_string(scan.control);
  require(scan.messages > 0 && scan.batches > 0 && scan.control > 0, goal);
  return goal;
}

Goal dictionary_goal(const DictionaryResult& result, const DictionaryResult& control) {
  Goal goal = most("identifiers that a dictionary finds in what services receive", {},
                   static_cast<double>(result.found), 0, &plain);
  goal.measured += " of " + std::to_string(result.identifiers);
  goal.note = std::to_string(result.found_plain) + " as text, " +
              std::to_string(result.found_hashed) + " hashed";
  require(control.identifiers > 0 && control.found == control.identifiers, goal);
  return goal;
}

Goal cost_goal(double p99_us, std::size_t fixes) {
  Goal goal = most("cost per fix, p99", {}, p99_us, kFixCostUsMost, &microseconds);
  require(fixes > 0, goal);
  return goal;
}

Control control_of(NegativeControl control, const HomeResult& result, const std::string& network) {
  Control row;
  row.network = network;
  row.share_100m = result.best.within_100m;
  switch (control) {
    case NegativeControl::kRaw:
      row.name = "raw";
      row.at_least = kControlRawLeast;
      break;
    case NegativeControl::kCentredCircle:
      row.name = "centred circle";
      row.at_least = kControlCentredCircleLeast;
      break;
    case NegativeControl::kFreshNoise:
      row.name = "fresh noise";
      row.at_least = kControlFreshNoiseLeast;
      break;
    case NegativeControl::kFixedTrim:
      row.name = "fixed trim";
      row.at_least = kControlFixedTrimLeast;
      break;
  }
  row.broken = row.share_100m >= row.at_least;
  return row;
}

}  // namespace sudare::sim::attack
