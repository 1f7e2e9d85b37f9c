// Bars and lines as inline SVG, in the look of sim/page. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sudare::sim::bench {

struct Bar {
  std::string label;
  double value = 0;
  double least = 0;  // drawn as a whisker where most > least
  double most = 0;
  std::size_t style = 0;
};
struct BarChart {
  std::string id;
  std::string title;
  std::string unit;
  int decimals = 0;
  std::vector<Bar> bars;
};
[[nodiscard]] std::string bar_figure(const BarChart& chart);

struct Line {
  std::string label;
  std::vector<std::pair<double, double>> points;
  std::size_t style = 0;
  bool dashed = false;
};
struct LineChart {
  std::string id;
  std::string title;
  std::string x_title;
  std::string y_unit;
  bool logarithmic = false;  // both axes, in decades; values are over 0
  std::vector<Line> lines;
};
// Empty where there is no line. Lines have points.
[[nodiscard]] std::string line_figure(const LineChart& chart);

}  // namespace sudare::sim::bench
