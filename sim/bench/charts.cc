#include "sim/bench/charts.h"

#include <algorithm>
#include <cmath>

#include "sim/page/text.h"

namespace sudare::sim::bench {

namespace {

constexpr double kWidth = 352;
constexpr double kTop = 12;

std::string at(double value) { return decimal(value, 1); }

std::string text_at(double x, double y, const std::string& kind, const std::string& text) {
  return "<text class=\"" + kind + "\" x=\"" + at(x) + "\" y=\"" + at(y) + "\">" + escaped(text) +
         "</text>\n";
}

std::string begin_figure(const std::string& id, const std::string& title, double height) {
  return "<figure>\n<figcaption>" + escaped(title) + "</figcaption>\n<svg viewBox=\"0 0 " +
         decimal(kWidth, 0) + " " + decimal(height, 0) + "\" role=\"img\" aria-labelledby=\"" + id +
         "\">\n<title id=\"" + id + "\">" + escaped(title) + "</title>\n";
}

std::string end_figure() { return "</svg>\n</figure>\n"; }

// --- bars

constexpr double kBarHeight = 18;
constexpr double kBarStep = 42;
constexpr double kBarRight = 92;  // for the number

std::string draw(const Bar& bar, const BarChart& chart, double y, double scale) {
  const std::string number =
      grouped(bar.value, chart.decimals) + (chart.unit.empty() ? "" : " " + chart.unit);
  std::string svg = text_at(0, y - 5, "name s" + std::to_string(bar.style), bar.label);
  svg += "<rect class=\"mark s" + std::to_string(bar.style) + "\" x=\"0\" y=\"" + at(y) +
         "\" width=\"" + at(bar.value * scale) + "\" height=\"" + at(kBarHeight) + "\"/>\n";
  double end = bar.value * scale;
  if (bar.most > bar.least) {
    const double middle = y + kBarHeight / 2;
    end = bar.most * scale;
    svg += "<path class=\"bound\" style=\"stroke-width:1.4\" d=\"M" + at(bar.least * scale) + " " +
           at(middle) + "H" + at(end) + "M" + at(bar.least * scale) + " " + at(middle - 4) + "v8M" +
           at(end) + " " + at(middle - 4) + "v8\"/>\n";
  }
  return svg + text_at(end + 6, y + kBarHeight - 5, "tick", number);
}

// --- lines

constexpr double kHeight = 226;
constexpr double kLeft = 48;
constexpr double kRight = 124;  // for the names of the lines
constexpr double kBottom = 40;
constexpr double kLabelGap = 13;

// One axis: where a value lies between 0 and 1, and its ticks.
class Axis {
 public:
  Axis(double least, double most, bool logarithmic) : logarithmic_(logarithmic) {
    if (logarithmic) {
      low_ = std::floor(std::log10(least));
      high_ = std::max(low_ + 1, std::ceil(std::log10(most)));
      for (double decade = low_; decade <= high_; ++decade) ticks_.push_back(std::pow(10, decade));
      return;
    }
    const double step = round_step(most / 4);
    high_ = std::max(step, std::ceil(most / step) * step);
    for (double tick = 0; tick <= high_ + step / 2; tick += step) ticks_.push_back(tick);
  }
  [[nodiscard]] double place(double value) const {
    const double scaled = logarithmic_ ? std::log10(std::max(value, 1e-9)) : value;
    return std::clamp((scaled - low_) / (high_ - low_), 0.0, 1.0);
  }
  [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }

 private:
  static double round_step(double step) {
    if (step <= 0) return 1;
    const double decade = std::pow(10, std::floor(std::log10(step)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
      if (step <= factor * decade) return factor * decade;
    }
    return 10 * decade;
  }
  bool logarithmic_;
  double low_ = 0;
  double high_ = 1;
  std::vector<double> ticks_;
};

struct Plane {
  Axis across;
  Axis up;
  [[nodiscard]] double x(double value) const {
    return kLeft + across.place(value) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double value) const {
    return kHeight - kBottom - up.place(value) * (kHeight - kTop - kBottom);
  }
};

Plane plane_of(const LineChart& chart) {
  double x_least = HUGE_VAL, x_most = 0, y_least = HUGE_VAL, y_most = 0;
  for (const Line& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      x_least = std::min(x_least, x);
      x_most = std::max(x_most, x);
      y_least = std::min(y_least, y);
      y_most = std::max(y_most, y);
    }
  }
  // Latencies below 0.1 ms say nothing.
  return {Axis(x_least, x_most, chart.logarithmic),
          Axis(std::max(y_least, 0.1), y_most, chart.logarithmic)};
}

std::string tick_text(double value) {
  const double rounded = std::round(value * 10) / 10;
  const bool whole = std::abs(rounded - std::round(rounded)) < 1e-9;
  return grouped(rounded, whole ? 0 : 1);
}

std::string axes(const LineChart& chart, const Plane& plane) {
  std::string svg;
  for (const double tick : plane.up.ticks()) {
    const double y = plane.y(tick);
    svg += "<line class=\"grid\" x1=\"" + at(kLeft) + "\" x2=\"" + at(kWidth - kRight) +
           "\" y1=\"" + at(y) + "\" y2=\"" + at(y) + "\"/>\n";
    svg += text_at(kLeft - 6, y + 4, "tick end", tick_text(tick));
  }
  for (const double tick : plane.across.ticks()) {
    svg += text_at(plane.x(tick), kHeight - kBottom + 16, "tick middle", tick_text(tick));
  }
  svg += text_at((kLeft + kWidth - kRight) / 2, kHeight - 7, "tick middle", chart.x_title);
  return svg + text_at(kLeft + 4, kTop + 12, "tick", chart.y_unit);
}

std::string draw(const Line& line, const Plane& plane, bool marks) {
  const std::string style = "s" + std::to_string(line.style);
  std::string path;
  std::string dots;
  for (const auto& [x, y] : line.points) {
    path += (path.empty() ? "M" : "L") + at(plane.x(x)) + " " + at(plane.y(y));
    dots += "<circle class=\"mark " + style + "\" cx=\"" + at(plane.x(x)) + "\" cy=\"" +
            at(plane.y(y)) + "\" r=\"3\"/>\n";
  }
  return "<path class=\"line " + style + (line.dashed ? " dashed" : "") + "\" d=\"" + path +
         "\"/>\n" + (marks ? dots : "");
}

// Each name near its line's end, none over another.
std::string labels(const LineChart& chart, const Plane& plane) {
  std::vector<std::pair<double, const Line*>> places;
  for (const Line& line : chart.lines) {
    if (!line.points.empty()) places.emplace_back(plane.y(line.points.back().second), &line);
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < places.size(); ++i) {
    places[i].first = std::max(places[i].first, places[i - 1].first + kLabelGap);
  }
  double most = kHeight - kBottom + 2;
  std::string svg;
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    place->first = std::min(place->first, most);
    most = place->first - kLabelGap;
    svg += text_at(kWidth - kRight + 8, place->first + 4,
                   "name s" + std::to_string(place->second->style), place->second->label);
  }
  return svg;
}

}  // namespace

std::string bar_figure(const BarChart& chart) {
  double most = 0;
  for (const Bar& bar : chart.bars) most = std::max({most, bar.value, bar.most});
  const double scale = most > 0 ? (kWidth - kBarRight) / most : 0;
  const double height = kTop + static_cast<double>(chart.bars.size()) * kBarStep + 4;
  std::string svg = begin_figure(chart.id, chart.title, height);
  double y = kTop + 12;
  for (const Bar& bar : chart.bars) {
    svg += draw(bar, chart, y, scale);
    y += kBarStep;
  }
  return svg + end_figure();
}

std::string line_figure(const LineChart& chart) {
  if (chart.lines.empty()) return {};
  const Plane plane = plane_of(chart);
  std::string svg = begin_figure(chart.id, chart.title, kHeight) + axes(chart, plane);
  for (const Line& line : chart.lines) svg += draw(line, plane, chart.logarithmic);
  return svg + labels(chart, plane) + end_figure();
}

}  // namespace sudare::sim::bench
