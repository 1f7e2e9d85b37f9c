// Line charts as inline SVG: lines named at their ends, no legend, told apart by marks and dashes
// as well as by colour. Colours and fonts come from the page's style.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

struct ChartLine {
  std::string label;
  std::vector<std::pair<double, double>> points;  // x, share
  std::size_t style = 0;                          // 0 …: the page's colours in turn
  bool dashed = false;
  bool quiet = false;  // thin and grey, for what is only context
};

struct Chart {
  std::string id;           // unique on the page
  std::string title;        // seen above the chart
  std::string description;  // for those who don't see it: what the lines say
  std::string x_title;      // "distance from home"
  std::string x_unit;       // behind the last tick: "m"
  std::vector<double> x_ticks;
  double x_least = 0;
  double x_most = 1;
  std::vector<ChartLine> lines;
  std::vector<Bound> bounds;  // drawn as limits: a line must pass below them
};

// A <figure>. The share axis ends at the least round share above everything in it. Pure.
[[nodiscard]] std::string chart_figure(const Chart& chart);

}  // namespace sudare::sim::attack
