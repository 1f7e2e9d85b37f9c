#include "sim/attack/report/chart.h"

#include <algorithm>
#include <cmath>

#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

constexpr double kWidth = 352;
constexpr double kHeight = 226;
constexpr double kLeft = 40;
constexpr double kRight = 128;  // for the names of the lines
constexpr double kTop = 12;
constexpr double kBottom = 40;
constexpr double kLabelGap = 13.5;  // between the names of two lines
constexpr std::size_t kLabelColumns = 17;

std::string at(double value) { return decimal(value, 1); }

class Plane {
 public:
  explicit Plane(const Chart& chart) : x_least_(chart.x_least), x_most_(chart.x_most) {
    double most = 0;
    for (const ChartLine& line : chart.lines) {
      for (const auto& [x, share] : line.points) most = std::max(most, share);
    }
    for (const Bound& bound : chart.bounds) most = std::max(most, bound.share);
    for (const double round : {0.05, 0.1, 0.2, 0.4, 0.6}) {
      if (most <= round * 0.97) {
        share_most_ = round;
        break;
      }
    }
  }
  [[nodiscard]] double x(double value) const {
    return kLeft + (value - x_least_) / (x_most_ - x_least_) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double share) const {
    const double inside = std::clamp(share / share_most_, 0.0, 1.0);
    return kHeight - kBottom - inside * (kHeight - kTop - kBottom);
  }
  [[nodiscard]] double share_most() const { return share_most_; }

 private:
  double x_least_;
  double x_most_;
  double share_most_ = 1;
};

std::string text_at(double x, double y, const char* kind, const std::string& text) {
  return "<text class=\"" + std::string(kind) + "\" x=\"" + at(x) + "\" y=\"" + at(y) + "\">" +
         escaped(text) + "</text>\n";
}

std::string axes(const Chart& chart, const Plane& plane) {
  std::string svg;
  constexpr int kSteps = 4;
  for (int step = 0; step <= kSteps; ++step) {
    const double share = plane.share_most() * step / kSteps;
    const double y = plane.y(share);
    svg += "<line class=\"grid\" x1=\"" + at(kLeft) + "\" x2=\"" + at(kWidth - kRight) +
           "\" y1=\"" + at(y) + "\" y2=\"" + at(y) + "\"/>\n";
    const double value = share * 100;
    const bool whole = std::abs(value - std::round(value)) < 1e-6;
    svg += text_at(kLeft - 6, y + 4, "tick end", decimal(value, whole ? 0 : 1) + " %");
  }
  for (const double tick : chart.x_ticks) {
    svg += text_at(plane.x(tick), kHeight - kBottom + 16, "tick middle", decimal(tick, 0));
  }
  const double middle = (kLeft + kWidth - kRight) / 2;
  const std::string unit = chart.x_unit.empty() ? "" : " (" + chart.x_unit + ")";
  svg += text_at(middle, kHeight - 7, "tick middle", chart.x_title + unit);
  return svg;
}

std::string mark(double x, double y, const ChartLine& line) {
  const std::string kind = line.quiet ? "quiet" : "s" + std::to_string(line.style % 6);
  const std::string open = "<path class=\"mark " + kind + "\" d=\"M" + at(x) + " " + at(y);
  switch (line.style % 4) {
    case 0: return open + "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z\"/>\n";
    case 1: return open + "m-3 -3h6v6h-6z\"/>\n";
    case 2: return open + "m0 -4l3.6 6.6h-7.2z\"/>\n";
    default: return open + "m0 -4l4 4l-4 4l-4 -4z\"/>\n";
  }
}

std::string draw(const ChartLine& line, const Plane& plane) {
  std::string path;
  std::string marks;
  for (const auto& [x, share] : line.points) {
    if (!std::isfinite(share)) continue;
    path += (path.empty() ? "M" : "L") + at(plane.x(x)) + " " + at(plane.y(share));
    if (!line.quiet) marks += mark(plane.x(x), plane.y(share), line);
  }
  const std::string kind = line.quiet ? "quiet" : "s" + std::to_string(line.style % 6);
  return "<path class=\"line " + kind + (line.dashed ? " dashed" : "") + "\" d=\"" + path +
         "\"/>\n" + marks;
}

std::string shortened(const std::string& label) {
  if (columns(label) <= kLabelColumns) return label;
  std::string cut;
  for (const char c : label) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && columns(cut) + 1 == kLabelColumns) break;
    cut += c;
  }
  return cut + "…";
}

struct Label {
  const ChartLine* line;
  double end;  // of the line
  double y;    // of the text
};

// Each name as near to its line's end as its neighbours leave room, within the chart.
std::vector<Label> placed_labels(const Chart& chart, const Plane& plane) {
  std::vector<Label> labels;
  for (const ChartLine& line : chart.lines) {
    if (line.points.empty() || line.label.empty()) continue;
    const double y = plane.y(line.points.back().second);
    labels.push_back({&line, y, y});
  }
  std::stable_sort(labels.begin(), labels.end(),
                   [](const Label& a, const Label& b) { return a.end < b.end; });
  for (std::size_t i = 1; i < labels.size(); ++i) {
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + kLabelGap);
  }
  double most = kHeight - kBottom + 4;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, most);
    most = label->y - kLabelGap;
  }
  return labels;
}

std::string draw_labels(const Chart& chart, const Plane& plane) {
  std::string svg;
  const double x = kWidth - kRight;
  for (const Label& label : placed_labels(chart, plane)) {
    const std::string kind =
        label.line->quiet ? "quiet" : "s" + std::to_string(label.line->style % 6);
    svg += "<path class=\"leader\" d=\"M" + at(x + 4) + " " + at(label.end) + "L" + at(x + 11) +
           " " + at(label.y) + "\"/>\n";
    svg += text_at(x + 14, label.y + 4, ("name " + kind).c_str(), shortened(label.line->label));
  }
  return svg;
}

std::string draw_bounds(const Chart& chart, const Plane& plane) {
  std::string svg;
  for (const Bound& bound : chart.bounds) {
    const double x = plane.x(bound.meters);
    const double y = plane.y(bound.share);
    svg += "<path class=\"bound\" d=\"M" + at(x - 11) + " " + at(y) + "h22\"/>\n";
    svg += text_at(x, y - 5, "bound-name middle", "≤ " + decimal(bound.share * 100, 0) + " %");
  }
  return svg;
}

}  // namespace

std::string chart_figure(const Chart& chart) {
  const Plane plane(chart);
  std::string svg = "<figure>\n<figcaption>" + escaped(chart.title) + "</figcaption>\n";
  svg += "<svg viewBox=\"0 0 " + decimal(kWidth, 0) + " " + decimal(kHeight, 0) +
         "\" role=\"img\" aria-labelledby=\"" + chart.id + "-t " + chart.id + "-d\">\n";
  svg += "<title id=\"" + chart.id + "-t\">" + escaped(chart.title) + "</title>\n";
  svg += "<desc id=\"" + chart.id + "-d\">" + escaped(chart.description) + "</desc>\n";
  svg += axes(chart, plane);
  for (const ChartLine& line : chart.lines) svg += draw(line, plane);
  svg += draw_bounds(chart, plane);
  svg += draw_labels(chart, plane);
  return svg + "</svg>\n</figure>\n";
}

}  // namespace sudare::sim::attack
