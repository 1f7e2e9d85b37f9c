// Attacks, uniqueness and maps: what is drawn.
#include <algorithm>

#include "sim/attack/report/chart.h"
#include "sim/attack/report/map.h"
#include "sim/attack/report/page_parts.h"
#include "sim/attack/report/rows.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

// More names at the ends of a small chart's lines can't be told apart; the table has the rest.
constexpr std::size_t kNamedAttacks = 4;

bool is_control(const Report& report, const std::string& subject) {
  return std::none_of(report.subjects.begin(), report.subjects.end(),
                      [&](const Subject& other) { return other.name == subject; });
}

std::vector<std::pair<double, double>> points_of(const AttackCurve& curve) {
  return {{50, curve.within_50m},
          {100, curve.within_100m},
          {250, curve.within_250m},
          {500, curve.within_500m}};
}

Chart distance_chart() {
  Chart chart;
  chart.x_title = "distance from home";
  chart.x_unit = "m";
  chart.x_ticks = {100, 250, 500};  // 50 would touch its neighbour
  chart.x_least = 0;
  chart.x_most = 500;
  return chart;
}

// The envelope of all attacks on one subject: what is known to be possible.
AttackCurve strongest(const Report& report, const std::string& network,
                      const std::string& subject) {
  AttackCurve best;
  best.subject = subject;
  for (const AttackCurve& curve : report.curves) {
    if (curve.network != network || curve.subject != subject) continue;
    best.within_50m = std::max(best.within_50m, curve.within_50m);
    best.within_100m = std::max(best.within_100m, curve.within_100m);
    best.within_250m = std::max(best.within_250m, curve.within_250m);
    best.within_500m = std::max(best.within_500m, curve.within_500m);
  }
  return best;
}

std::vector<std::string> subjects_of(const Report& report, const std::string& network) {
  std::vector<std::string> names;
  for (const AttackCurve& curve : report.curves) {
    const bool known = std::find(names.begin(), names.end(), curve.subject) != names.end();
    if (curve.network == network && !known) names.push_back(curve.subject);
  }
  return names;
}

std::string overview_chart(const Report& report, const std::string& network, std::size_t index) {
  Chart chart = distance_chart();
  chart.id = "overview" + std::to_string(index);
  chart.title = network + ": strongest attack by subject";
  chart.description = "Share of homes placed within 100 m:";
  std::size_t style = 0;
  for (const std::string& subject : subjects_of(report, network)) {
    const AttackCurve best = strongest(report, network, subject);
    ChartLine line{subject, points_of(best)};
    line.quiet = is_control(report, subject);
    line.style = line.quiet ? 0 : style++;
    chart.description += " " + subject + " " + percent(best.within_100m) + ";";
    chart.lines.push_back(line);
  }
  return chart_figure(chart);
}

std::string subject_chart(const Report& report, const std::string& network, const Subject& subject,
                          const std::string& id) {
  std::vector<const AttackCurve*> curves;
  for (const AttackCurve& curve : report.curves) {
    if (curve.network == network && curve.subject == subject.name) curves.push_back(&curve);
  }
  if (curves.empty()) return "";
  std::stable_sort(curves.begin(), curves.end(), [](const AttackCurve* a, const AttackCurve* b) {
    return a->within_250m > b->within_250m;
  });
  Chart chart = distance_chart();
  chart.id = id;
  chart.title = network;
  chart.bounds = subject.bounds;
  chart.description = "Attacks on " + subject.name + ", share of homes within 250 m:";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const bool named = i < kNamedAttacks;
    ChartLine line{named ? curves[i]->attack : "", points_of(*curves[i])};
    line.quiet = !named;
    line.style = i;
    if (named) chart.description += " " + line.label + " " + percent(curves[i]->within_250m) + ";";
    chart.lines.push_back(line);
  }
  std::reverse(chart.lines.begin(), chart.lines.end());  // the strongest on top
  return chart_figure(chart);
}

std::string attack_table(const Report& report) {
  std::string html = "<details>\n<summary>All attacks in figures</summary>\n" +
                     table_begin("Share of homes placed within a distance", {{"subject", false},
                                                                             {"network", false},
                                                                             {"attack", false},
                                                                             {"50 m", true},
                                                                             {"100 m", true},
                                                                             {"250 m", true},
                                                                             {"500 m", true},
                                                                             {"median", true}});
  for (const AttackCurve& curve : report.curves) {
    html += "<tr><td>" + escaped(curve.subject) + "</td><td>" + escaped(curve.network) +
            "</td><th scope=\"row\">" + escaped(curve.attack) +
            (curve.best ? " <span class=\"badge\">strongest</span>" : "") + "</th>";
    for (const auto& [distance, share] : points_of(curve)) {
      html += "<td class=\"number\">" + percent(share) + "</td>";
    }
    html += "<td class=\"number\">" + meters(curve.median_meters) + "</td></tr>\n";
  }
  return html + table_end() + "</details>\n";
}

std::string key() {
  return "<ul class=\"key\">\n"
         "<li><svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><path class=\"raw\" d=\"M2 12l8 "
         "-7l6 4l8 -6\"/></svg>driven (stays in the car)</li>\n"
         "<li><svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><path class=\"released\" d=\"M10 "
         "5h6v6h-6z\"/></svg>released</li>\n"
         "<li><svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><path class=\"home\" d=\"M13 "
         "0l8 7h-2.2v7h-11.6v-7h-2.2z\"/></svg>home</li>\n"
         "<li><svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><rect class=\"ring\" x=\"2\" y=\"2\" "
         "width=\"22\" height=\"12\"/></svg>ring: the 3 × 3 cells around home</li>\n</ul>\n";
}

}  // namespace

std::string attacks_section(const Report& report) {
  if (report.curves.empty()) return "";
  std::string html =
      "<section aria-labelledby=\"attacks\">\n<h2 id=\"attacks\">Attacks on the home</h2>\n"
      "<p>Each attack guesses where every car's owner lives. The lines show the share of homes "
      "that "
      "lie within a distance of the guess: the lower, the better. Grey lines are the negative "
      "controls.</p>\n<div class=\"figures\">\n";
  const auto networks =
      distinct(report.curves, [](const AttackCurve& curve) { return curve.network; });
  std::size_t index = 0;
  for (const std::string& network : networks) html += overview_chart(report, network, index++);
  html += "</div>\n";
  index = 0;
  for (const Subject& subject : report.subjects) {
    std::string figures;
    for (const std::string& network : networks) {
      figures += subject_chart(report, network, subject, "attack" + std::to_string(index++));
    }
    if (figures.empty()) continue;
    html += "<h3>" + escaped(subject.name) + "</h3>\n" +
            (subject.bounds.empty() ? ""
                                    : "<p class=\"small\">Bars are the goals: every line must pass "
                                      "below them. The share axis is cut.</p>\n") +
            "<div class=\"figures\">\n" + figures + "</div>\n";
  }
  return html + attack_table(report) + "</section>\n";
}

std::string uniqueness_section(const Report& report) {
  if (report.uniqueness.empty()) return "";
  std::string html =
      "<section aria-labelledby=\"uniqueness\">\n<h2 id=\"uniqueness\">Uniqueness</h2>\n"
      "<p>How many points somebody must know of a car (where it was in which hour) to tell it from "
      "all others of the fleet. Under one identifier, coarse cells don't prevent this; without an "
      "identifier there is no track to tell apart.</p>\n<div class=\"figures\">\n";
  std::size_t index = 0;
  for (const std::string& network :
       distinct(report.uniqueness, [](const UniquenessCurve& curve) { return curve.network; })) {
    Chart chart;
    chart.id = "unique" + std::to_string(index++);
    chart.title = network + ": cars singled out";
    chart.x_title = "points known of a car";
    chart.x_least = 1;
    chart.x_most = 1;
    chart.description = "Share of cars singled out by all points known:";
    for (const UniquenessCurve& curve : report.uniqueness) {
      if (curve.network != network || curve.share_by_points.empty()) continue;
      ChartLine line{curve.subject, {}};
      for (std::size_t i = 0; i < curve.share_by_points.size(); ++i) {
        line.points.emplace_back(static_cast<double>(i + 1), curve.share_by_points[i]);
      }
      line.quiet = is_control(report, curve.subject);
      line.style = chart.lines.size();
      chart.x_most = std::max(chart.x_most, line.points.back().first);
      chart.description += " " + line.label + " " + percent(line.points.back().second) + ";";
      chart.lines.push_back(line);
    }
    for (double tick = 1; tick <= chart.x_most; ++tick) chart.x_ticks.push_back(tick);
    if (chart.x_most > 1) html += chart_figure(chart);
  }
  return html + "</div>\n</section>\n";
}

std::string maps_section(const Report& report) {
  if (report.maps.empty()) return "";
  std::string html =
      "<section aria-labelledby=\"maps\">\n<h2 id=\"maps\">Driven and released</h2>\n"
      "<p>Simulated cars on generated roads: no map of a real place, no real person. Grey is what "
      "the car drove, squares are what its recipient got.</p>\n" +
      key();
  std::size_t index = 0;
  for (const std::string& network :
       distinct(report.maps, [](const MapCar& car) { return car.network; })) {
    html += "<h3>" + escaped(network) + "</h3>\n<div class=\"figures\">\n";
    for (const MapCar& car : report.maps) {
      if (car.network == network) html += map_figure(car, "map" + std::to_string(index++));
    }
    html += "</div>\n";
  }
  return html + "</section>\n";
}

}  // namespace sudare::sim::attack
