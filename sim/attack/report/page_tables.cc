// Utility, real traces, and how all of this was made.
#include "sim/attack/report/page_parts.h"
#include "sim/attack/report/rows.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

std::string metrics_table(const std::string& caption, const Metrics& metrics) {
  const auto networks = metric_networks(metrics);
  std::vector<Column> columns{{"measure", false}};
  for (const std::string& network : networks) columns.push_back({network, true});
  std::string html = table_begin(caption, columns);
  for (const std::string& subject : metric_subjects(metrics)) {
    html += "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"" +
            std::to_string(columns.size()) + "\">" + escaped(subject) + "</th></tr>\n";
    for (const std::string& name : metric_names(metrics, subject)) {
      html += "<tr><th scope=\"row\">" + escaped(name) + "</th>";
      for (const std::string& network : networks) {
        html += "<td class=\"number\">" + escaped(metric_text(metrics, subject, name, network)) +
                "</td>";
      }
      html += "</tr>\n";
    }
  }
  return html + table_end();
}

std::string trace_row(const RealTraces& traces) {
  std::string html =
      "<tr><th scope=\"row\">" + escaped(traces.data_set) + "</th><td>" + escaped(traces.subject);
  if (!traces.not_run.empty()) {
    return html + "</td><td colspan=\"4\">not run: " + escaped(traces.not_run) + "</td></tr>\n";
  }
  return html + "</td><td class=\"number\">" + std::to_string(traces.users) +
         "</td><td class=\"number\">" + percent(traces.raw_250m) + "</td><td class=\"number\">≤ " +
         percent(traces.target_250m) + "</td><td class=\"number\">" +
         percent(traces.released_250m) + " " + badge(traces.pass, "met", "missed") + "</td></tr>\n";
}

}  // namespace

std::string other_attacks_section(const Report& report) {
  if (report.other_attacks.empty()) return "";
  return "<section aria-labelledby=\"others\">\n<h2 id=\"others\">Other attacks</h2>\n<p>Linking "
         "records that carry no common identifier, joining what two recipients hold, and reading "
         "size and timing of ciphertexts. Shares of right answers, beside those of guessing where "
         "that says something.</p>\n" +
         metrics_table("Other attacks by network", report.other_attacks) + "</section>\n";
}

std::string utility_section(const Report& report) {
  if (report.utility.empty()) return "";
  return "<section aria-labelledby=\"utility\">\n<h2 id=\"utility\">What is left for the "
         "service</h2>\n<p>Measured on the same cars, so that privacy is not bought with utility "
         "unseen.</p>\n" +
         metrics_table("Utility by network", report.utility) + "</section>\n";
}

std::string real_traces_section(const Report& report) {
  if (report.real_traces.empty()) return "";
  std::string html =
      "<section aria-labelledby=\"real\">\n<h2 id=\"real\">Real traces</h2>\n"
      "<p>Recordings that real drivers published. Only these aggregates are kept: no place, no "
      "time, "
      "no track. What counts as a driver's home is the place that most of their trips end at; few "
      "drivers make coarse figures.</p>\n";
  html += table_begin("Main places placed within 250 m by the strongest attack",
                      {{"data set", false},
                       {"subject", false},
                       {"drivers", true},
                       {"from raw data", true},
                       {"target", true},
                       {"from released data", true}});
  for (const RealTraces& traces : report.real_traces) html += trace_row(traces);
  return html + table_end() + "</section>\n";
}

std::string method_section(const Report& report) {
  std::string html =
      "<section aria-labelledby=\"method\">\n<h2 id=\"method\">How this was measured</h2>\n"
      "<p>The road networks are generated and irregular, the fleets live on them, and their "
      "messages go through the same decoding, detection and minimisation that runs in the car. The "
      "attackers know the policy, the tables and this code. What is trained is trained on half of "
      "the cars and counted on the other half. “Strongest” is the best of all attacks, which is a "
      "little too kind to the attacker.</p>\n"
      "<p>Not measured here: what a recipient knows from elsewhere, an attacker who follows one "
      "car, "
      "and attacks that nobody has thought of yet. A goal met means that these attacks failed, not "
      "that none can succeed.</p>\n";
  if (!report.command.empty()) {
    html += "<p>The same figures again: <code>" + escaped(report.command) + "</code></p>\n";
  }
  return html + "</section>\n";
}

}  // namespace sudare::sim::attack
