#include "sim/attack/report/page.h"

#include "sim/attack/report/page_parts.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

std::string masthead(const Report& report) {
  std::string html = "<header>\n<p class=\"kicker\">Privacy, measured</p>\n<h1>" +
                     escaped(report.title) + "</h1>\n<p class=\"facts\">Policy <b>" +
                     escaped(report.policy) + "</b>";
  if (!report.purpose.empty()) html += ", purpose <b>" + escaped(report.purpose) + "</b>";
  html += " · " + std::to_string(report.cars) + " simulated cars per network · " +
          std::to_string(report.days) + " days · seed " + std::to_string(report.seed) + " · took " +
          seconds(report.took_seconds) + "</p>\n";
  if (report.reduced) {
    html +=
        "<p class=\"banner\"><b>Reduced run.</b> Few cars or few days: chance moves these "
        "figures by several points. For a first impression; publish the full run.</p>\n";
  }
  return html + "</header>\n";
}

}  // namespace

std::string to_html(const Report& report) {
  return page_head(report.title) + "<body>\n<main>\n" + masthead(report) + summary_section(report) +
         subjects_section(report) + goals_section(report) + controls_section(report) +
         attacks_section(report) + uniqueness_section(report) + other_attacks_section(report) +
         utility_section(report) + real_traces_section(report) + maps_section(report) +
         method_section(report) + "</main>\n</body>\n</html>\n";
}

}  // namespace sudare::sim::attack
