// The result of a privacy measurement, as `sudare-sim attack` and `sudare policy report` write it:
// JSON for programs, one self-contained HTML page for people. Shares are 0 to 1. Holds simulated
// cars' places; of real traces it holds aggregates only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/world/geometry.h"

namespace sudare::sim::attack {

// No more than this share of homes may be placed within this distance.
struct Bound {
  double meters = 0;
  double share = 0;
};

// What was tested: a mechanism, or one purpose of somebody's policy.
struct Subject {
  std::string name;         // "ring 1 km"; "traffic". Operator's text
  std::string description;  // what its recipient gets
  bool positions = true;    // false: it receives none, so that there was nothing to attack
  std::vector<Bound> bounds;
};

struct Goal {
  std::string name;     // "home, best attack, within 100 m"
  std::string network;  // or data set
  std::string target;   // "≤ 5 %"
  std::string measured;
  double value = 0;
  bool pass = false;
  std::string note;          // shown where the goal is missed: by what, what was tried
  std::string subject = {};  // one of Report::subjects
};

// A naive mechanism that the attackers must break.
struct Control {
  std::string name;  // "raw", "centred circle", "fresh noise", "fixed trim"
  std::string network;
  double share_100m = 0;
  double at_least = 0;  // for the attackers to count as strong
  bool broken = false;  // share_100m ≥ at_least
};

// One attack on one network: shares of homes within growing distances.
struct AttackCurve {
  std::string attack;
  std::string network;
  std::string subject;  // a subject's or a control's name
  double within_50m = 0;
  double within_100m = 0;
  double within_250m = 0;
  double within_500m = 0;
  double median_meters = 0;
  bool best = false;  // the strongest against this subject on this network
};

// Share of cars that 1, 2, 3 … points known of a car single out.
struct UniquenessCurve {
  std::string network;
  std::string subject;
  std::vector<double> share_by_points;
};

// A figure beside the goals, of utility or of an attack.
struct Metric {
  std::string name;  // "arterial km within 10 m, 7.8 km trips"
  std::string network;
  double value = 0;
  std::string unit;  // "%": value is a share
  std::string subject = {};
};

// A published aggregate of real traces; no place, no time, no person.
struct RealTraces {
  std::string data_set;
  std::string subject;
  std::string not_run;        // why; empty: it ran
  std::size_t users = 0;      // with enough trip ends
  double raw_250m = 0;        // best attack's share of places within 250 m, from raw data …
  double released_250m = 0;   // … and from released data
  double target_250m = 0.20;  // of the released
  bool pass = false;
};

// A rectangle along the meridians and parallels.
struct Box {
  Place southwest;
  Place northeast;
};

// Raw against released points of one simulated car; the map of the page.
struct MapCar {
  std::string network;
  std::string subject;
  Place home;
  std::vector<Place> raw;
  std::vector<Place> released;
  std::vector<double> cell_latitudes;   // borders of the released cells, or of the ring's
  std::vector<double> cell_longitudes;  //
  Box ring;                             // the 3 x 3 cells around home; empty: no hold-back
};

struct Report {
  std::string title;
  std::string policy;   // file, or "shipped"
  std::string purpose;  // that --purpose asked for; empty: every one that receives positions
  std::string command;  // that gives this report again
  std::uint64_t seed = 0;
  std::size_t cars = 0;
  std::size_t days = 0;
  bool reduced = false;  // too few cars or days to judge by: for a first impression, or a test
  double took_seconds = 0;
  std::vector<Subject> subjects;
  std::vector<Goal> goals;
  std::vector<Control> controls;
  std::vector<AttackCurve> curves;
  std::vector<UniquenessCurve> uniqueness;
  std::vector<Metric> other_attacks;  // linking, joining, traffic analysis
  std::vector<Metric> utility;
  std::vector<RealTraces> real_traces;
  std::vector<MapCar> maps;
};

}  // namespace sudare::sim::attack
