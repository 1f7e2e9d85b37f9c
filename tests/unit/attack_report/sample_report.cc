#include "tests/unit/attack_report/sample_report.h"

#include <algorithm>
#include <cmath>

#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

constexpr Place kHome{35.0837, 137.1562};
constexpr const char* kNetworks[] = {"grid", "town", "rural"};
constexpr const char* kAttacks[] = {"last destination", "dwell-weighted median",
                                    "largest cluster",  "night mode",
                                    "circle fit",       "regression"};

Subject subject(const std::string& name, const std::string& description, double at_100m,
                double at_250m) {
  return {name, description, true, {{100, at_100m}, {250, at_250m}}};
}

Goal goal(const std::string& subject, const std::string& network, const std::string& name,
          double most, double value) {
  Goal goal;
  goal.subject = subject;
  goal.network = network;
  goal.name = name;
  goal.target = "≤ " + percent(most);
  goal.measured = percent(value);
  goal.value = value;
  goal.pass = value <= most;
  return goal;
}

void add_curves(Report& report, const std::string& network, const std::string& subject,
                double at_100m, std::size_t attacks) {
  for (std::size_t i = 0; i < attacks; ++i) {
    const double share = at_100m / (1 + 0.45 * static_cast<double>(i));
    AttackCurve curve;
    curve.attack = kAttacks[i];
    curve.network = network;
    curve.subject = subject;
    curve.within_50m = share * 0.4;
    curve.within_100m = share;
    curve.within_250m = std::min(0.99, share * (share > 0.5 ? 1.05 : 3.7));
    curve.within_500m = std::min(1.0, share * (share > 0.5 ? 1.08 : 8.5));
    curve.median_meters = 900 * (1 - share);
    curve.best = i == 0;
    report.curves.push_back(curve);
  }
}

// A way from home through a town, and what is left of it.
MapCar map_car(const std::string& network, const std::string& subject, double turn) {
  MapCar car;
  car.network = network;
  car.subject = subject;
  car.home = kHome;
  for (int i = 0; i < 240; ++i) {
    const double along = 40.0 * i;
    const double bend = turn + std::floor(i / 30.0) * 0.6;
    const Point before = to_point(kHome, car.raw.empty() ? kHome : car.raw.back());
    car.raw.push_back(
        to_place(kHome, {before.east + 40 * std::cos(bend), before.north + 28 * std::sin(bend)}));
    if (along > 1800 && along < 8000 && i % 3 == 0) car.released.push_back(car.raw.back());
  }
  for (int i = -10; i <= 10; ++i) {
    car.cell_latitudes.push_back((std::floor(kHome.latitude * 120) + i) / 120);
    car.cell_longitudes.push_back((std::floor(kHome.longitude * 80) + i) / 80);
  }
  car.ring = {{car.cell_latitudes[9], car.cell_longitudes[9]},
              {car.cell_latitudes[12], car.cell_longitudes[12]}};
  return car;
}

void add_network(Report& report, const std::string& network, double factor) {
  const struct {
    const char* name;
    double least;
    double share;
  } controls[] = {{"raw", 0.9, 1.0},
                  {"centred circle", 0.9, 0.95},
                  {"fresh noise", 0.9, 0.99},
                  {"fixed trim", 0.6, 0.67}};
  for (const auto& control : controls) {
    report.controls.push_back({control.name, network, control.share, control.least, true});
    add_curves(report, network, control.name, control.share, 1);
  }
  const struct {
    const char* name;
    double share;
    double most;
    double kept;
  } subjects[] = {{"ring 1 km, fine positions", 0.038, 0.05, 0.71},
                  {"mesh 1 km", 0.022, 0.05, 0},
                  {"strict 2 km", 0.018, 0.02, 0},
                  {"traffic", 0.021, 0.05, 0}};
  double turn = factor;
  for (const auto& one : subjects) {
    const double share = one.share * factor;
    add_curves(report, network, one.name, share, 6);
    report.goals.push_back(
        goal(one.name, network, "home, best attack, within 100 m", one.most, share));
    report.goals.push_back(
        goal(one.name, network, "places of interest, F1 at 100 m", 0.05, share / 2));
    report.uniqueness.push_back(
        {network, one.name, {share, share * 6, 0.62 * factor, 0.8, 0.91, 0.95}});
    report.utility.push_back(
        {"displacement, mean", network, one.kept > 0 ? 3.0 : 384.0, "m", one.name});
    report.utility.push_back({"arterial km within 10 m", network, one.kept, "%", one.name});
    report.other_attacks.push_back(
        {"overnight link, without identifier", network, share * 3, "%", one.name});
    if (turn < factor + 5) report.maps.push_back(map_car(network, one.name, turn += 2));
  }
}

}  // namespace

Report sample_report() {
  Report report;
  report.title = "Sudare privacy report";
  report.policy = "shipped";
  report.command = "sudare-sim attack --cars 400 --days 30 --seed 1";
  report.seed = 1;
  report.cars = 400;
  report.days = 30;
  report.took_seconds = 1260;
  report.subjects = {
      subject("ring 1 km, fine positions",
              "Exact positions every 5 s, of the middle of a trip only: what lies in the 3 × 3 "
              "cells of 1 km around its start and its end stays in the car.",
              0.05, 0.2),
      subject("mesh 1 km", "The centre of a cell of 1 km, once per cell, at any time of day.", 0.05,
              0.2),
      subject("strict 2 km", "The centre of a cell of 2 km, once per cell.", 0.02, 0.08),
      subject("traffic", "The shipped policy's traffic purpose: the centre of a 1 km cell.", 0.05,
              0.2)};
  double factor = 1.0;
  for (const char* network : kNetworks) {
    add_network(report, network, factor);
    factor -= 0.15;
  }
  report.real_traces = {
      {"uci-354", "mesh 1 km", "", 21, 0.93, 0.1, 0.2, true},
      {"envirocar-munster", "mesh 1 km", "its files are not here", 0, 0, 0, 0.2, false}};
  return report;
}

}  // namespace sudare::sim::attack
