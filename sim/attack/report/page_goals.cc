// Goals and negative controls: a row each, networks side by side.
#include "sim/attack/report/page_parts.h"
#include "sim/attack/report/rows.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

std::string cell_of(const std::vector<const Goal*>& goals) {
  std::string html;
  for (const Goal* goal : goals) {
    html += (html.empty() ? "" : "<br>") + escaped(goal->measured) + " " +
            badge(goal->pass, "met", "missed");
  }
  return "<td class=\"number\">" + (html.empty() ? "–" : html) + "</td>";
}

std::string about(const Goal& goal) { return goal.network.empty() ? "" : goal.network + ": "; }

std::string notes_of(const GoalRow& row, std::size_t columns) {
  std::string text;
  for (const Goal* goal : row.goals) {
    if (goal->pass || goal->note.empty()) continue;
    text += (text.empty() ? "" : "<br>") + escaped(about(*goal)) + escaped(goal->note);
  }
  if (text.empty()) return "";
  return "<tr class=\"note\"><td colspan=\"" + std::to_string(columns) + "\">" + text +
         "</td></tr>\n";
}

std::string rows_html(const Report& report, const std::string& subject,
                      const std::vector<std::string>& networks) {
  const std::size_t columns = networks.size() + 2;
  const std::vector<GoalRow> rows = goal_rows(report, subject);
  if (rows.empty()) return "";
  std::string html = "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"" +
                     std::to_string(columns) + "\">" + escaped(subject) + "</th></tr>\n";
  for (const GoalRow& row : rows) {
    const std::string notes = notes_of(row, columns);
    html += std::string("<tr") + (notes.empty() ? "" : " class=\"noted\"") + "><th scope=\"row\">" +
            escaped(row.name) + "</th><td class=\"number\">" + escaped(row.target) + "</td>";
    for (std::size_t i = 0; i < networks.size(); ++i) html += cell_of(goals_in(row, networks, i));
    html += "</tr>\n" + notes;
  }
  return html;
}

}  // namespace

std::string goals_section(const Report& report) {
  std::string html = "<section aria-labelledby=\"goals\">\n<h2 id=\"goals\">Goals</h2>\n";
  if (report.goals.empty()) return html + "<p>No goal was measured.</p>\n</section>\n";
  html +=
      "<p>Privacy and utility side by side: a policy that drops everything misses the goals, "
      "too.</p>\n";
  const auto networks = goal_networks(report);
  std::vector<Column> columns{{"goal", false}, {"target", true}};
  for (const std::string& network : networks) columns.push_back({network, true});
  html += table_begin("Goals by network", columns);
  for (const std::string& subject : goal_subjects(report)) {
    html += rows_html(report, subject, networks);
  }
  return html + table_end() + "</section>\n";
}

std::string controls_section(const Report& report) {
  std::string html =
      "<section aria-labelledby=\"controls\">\n<h2 id=\"controls\">Negative controls</h2>\n"
      "<p>Mechanisms that people try first and that don't protect. The same attackers must break "
      "them, or their failure above would prove nothing.</p>\n";
  if (report.controls.empty()) return html + "<p>No control was run.</p>\n</section>\n";
  const auto networks = control_networks(report);
  std::vector<Column> columns{{"mechanism", false}, {"must be at least", true}};
  for (const std::string& network : networks) columns.push_back({network, true});
  html += table_begin("Homes placed within 100 m by the strongest attack", columns);
  for (const std::string& name :
       distinct(report.controls, [](const Control& control) { return control.name; })) {
    std::string cells;
    std::string least;
    for (const std::string& network : networks) {
      const Control* control = control_of(report, name, network);
      std::string cell = "–";
      if (control != nullptr) {
        cell = percent(control->share_100m) + " " + badge(control->broken, "broken", "not broken");
        least = percent(control->at_least);
      }
      cells += "<td class=\"number\">" + cell + "</td>";
    }
    html += "<tr><th scope=\"row\">" + escaped(name) + "</th><td class=\"number\">" + least +
            "</td>" + cells + "</tr>\n";
  }
  return html + table_end() + "</section>\n";
}

}  // namespace sudare::sim::attack
