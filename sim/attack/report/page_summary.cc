// What it comes to, and what was tested.
#include <algorithm>

#include "sim/attack/report/outcome.h"
#include "sim/attack/report/page_parts.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

std::string of(Tally tally) {
  return std::to_string(tally.met) + " of " + std::to_string(tally.total);
}

std::string verdict(const Report& report) {
  const Tally goals = goals_met(report);
  switch (outcome(report)) {
    case Outcome::kMet:
      return "<p class=\"verdict\">" + badge(true, "met", "") +
             " Every goal is met, and the "
             "attackers broke every mechanism that they must break.</p>\n";
    case Outcome::kMissed:
      return "<p class=\"verdict bad\">" + badge(false, "", "missed") + " " +
             (goals.total == 0 ? std::string("Nothing was measured.")
                               : of({goals.total - goals.met, goals.total}) +
                                     " goals are missed; "
                                     "the table says which, and what was tried.") +
             "</p>\n";
    case Outcome::kWeakAttackers: break;
  }
  return "<p class=\"verdict bad\">" + badge(false, "", "proves nothing") +
         " The attackers could not break a mechanism that is known to be weak. A weak attacker "
         "proves nothing: don't rely on any figure below.</p>\n";
}

std::string card(const std::string& name, const std::string& figure, const std::string& what) {
  return "<li><span class=\"name\">" + escaped(name) + "</span><span class=\"figure\">" +
         escaped(figure) + "</span><span class=\"what\">" + escaped(what) + "</span></li>\n";
}

// The worst network's strongest attack.
double worst_100m(const Report& report, const std::string& subject) {
  double worst = -1;
  for (const AttackCurve& curve : report.curves) {
    if (curve.subject == subject) worst = std::max(worst, curve.within_100m);
  }
  return worst;
}

}  // namespace

std::string summary_section(const Report& report) {
  std::string html = "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n" +
                     verdict(report) + "<ul class=\"cards\">\n";
  html += card("Goals", of(goals_met(report)), "are met");
  html += card("Negative controls", of(controls_broken(report)),
               "weak mechanisms broken by our attackers, as they must be");
  for (const Subject& subject : report.subjects) {
    const double worst = worst_100m(report, subject.name);
    if (worst < 0) continue;
    html += card(subject.name, percent(worst),
                 "of homes placed within 100 m, by the strongest attack on the weakest network");
  }
  return html + "</ul>\n</section>\n";
}

std::string subjects_section(const Report& report) {
  if (report.subjects.empty()) return "";
  std::string html =
      "<section aria-labelledby=\"tested\">\n<h2 id=\"tested\">What was tested</h2>\n<p>Simulated "
      "cars, whose true homes are known, drove through the gateway's own code. What each recipient "
      "would hold went to the attackers, under one identifier for the whole time: they were given "
      "perfect linkage, the policy and the road map, everything but the truth.</p>\n";
  html += table_begin("Subjects", {{"subject", false}, {"what its recipient gets", false}});
  for (const Subject& subject : report.subjects) {
    html += "<tr><th scope=\"row\">" + escaped(subject.name) + "</th><td>" +
            (subject.positions ? "" : "<b>No position.</b> ") + escaped(subject.description) +
            "</td></tr>\n";
  }
  return html + table_end() + "</section>\n";
}

}  // namespace sudare::sim::attack
