// The result of a privacy measurement, as `sudare-sim attack` and `sudare policy report` write it:
// JSON for programs, one self-contained HTML page for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/world/geometry.h"

namespace sudare::sim::attack {

struct Goal {
  std::string name;     // "home, best attack, within 100 m"
  std::string network;  // or data set
  std::string target;   // "≤ 5 %"
  std::string measured;
  double value = 0;
  bool pass = false;
  std::string note;  // where a goal is missed: what was tried
};

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
  std::string subject;  // mechanism or policy
  double within_50m = 0;
  double within_100m = 0;
  double within_250m = 0;
  double within_500m = 0;
  double median_meters = 0;
};

struct Metric {
  std::string name;  // "arterial km within 10 m, 7.8 km trips"
  std::string network;
  double value = 0;
  std::string unit;
};

// A published aggregate of real traces; no place, no time, no person.
struct RealTraces {
  std::string data_set;
  std::size_t users = 0;     // with enough trip ends
  double raw_250m = 0;       // best attack's share of places within 250 m, from raw data …
  double released_250m = 0;  // … and from released data
  double target_250m = 0.20;
  bool pass = false;
};

// Raw against released points of one simulated car; the map of the page.
struct MapCar {
  std::string network;
  Place home;
  std::vector<Place> raw;
  std::vector<Place> released;
};

struct Report {
  std::string title;
  std::string policy;  // file, or "shipped"
  std::string purpose;
  std::uint64_t seed = 0;
  std::size_t cars = 0;
  std::size_t days = 0;
  double took_seconds = 0;
  std::vector<Goal> goals;
  std::vector<Control> controls;
  std::vector<AttackCurve> curves;
  std::vector<Metric> utility;
  std::vector<RealTraces> real_traces;
  std::vector<MapCar> maps;
};

}  // namespace sudare::sim::attack
