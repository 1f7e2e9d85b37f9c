#include "sim/bench/report_page.h"

#include "sim/bench/goals.h"
#include "sim/bench/report_sections.h"
#include "sim/page/parts.h"
#include "sim/page/text.h"

namespace sudare::sim::bench {

namespace {

std::string masthead(const Report& report) {
  std::string html =
      "<header>\n<p class=\"kicker\">Throughput, measured</p>\n<h1>The gateway beside a "
      "bridge</h1>\n"
      "<p class=\"facts\">Readings of <b>" +
      decimal(report.reading_bytes, 0) + " bytes</b> (" + escaped(report.codec) + ") · seed " +
      std::to_string(report.seed) + " · took " + seconds(report.took_seconds) + " · commit <b>" +
      escaped(report.commit.empty() ? "unknown" : report.commit.substr(0, 12)) +
      (report.commit.find("-changed") != std::string::npos ? ", changed" : "") + "</b></p>\n";
  if (report.quick) {
    html +=
        "<p class=\"banner\"><b>Quick run.</b> Too short to measure by; it shows that everything "
        "works.</p>\n";
  }
  if (report.machine.load_before > 1) {
    html += "<p class=\"banner\">The machine was not idle when this began (load " +
            decimal(report.machine.load_before, 1) +
            "). Ratios are of neighbouring rounds and hold; absolute figures are low.</p>\n";
  }
  return html + "</header>\n";
}

std::string verdict(const Report& report) {
  const auto found = findings(report);
  if (found.empty()) {
    return "<p class=\"verdict\">Every reading was opened, exactly once and as it was sent.</p>\n";
  }
  std::string html = "<p class=\"verdict bad\">Void or lost: ";
  for (const std::string& finding : found) html += escaped(finding) + ". ";
  return html + "</p>\n";
}

std::string goals_section(const Report& report) {
  const auto goals = goals_of(report);
  if (goals.empty()) return {};
  std::string html =
      "<section>\n<h2>Goals</h2>\n" +
      table_begin(
          "What was asked for",
          {{"goal"}, {"target", true}, {"measured", true}, {"", false}, {"what limits it", false}});
  for (const Goal& goal : goals) {
    html += "<tr><th scope=\"row\">" + escaped(goal.name) + "</th><td class=\"number\">" +
            escaped(goal.target) + "</td><td class=\"number\">" + escaped(goal.measured) +
            "</td><td>" + badge(goal.met, "met", "missed") + "</td><td>" + escaped(goal.limit) +
            "</td></tr>\n";
  }
  return html + table_end() + "</section>\n";
}

std::string machine_section(const Report& report) {
  const Machine& machine = report.machine;
  std::string html = "<section>\n<h2>Method and machine</h2>\n<p>" + escaped(machine.cpu) + ", " +
                     std::to_string(machine.cores) + " cores; Linux " + escaped(machine.kernel) +
                     "; store on " + escaped(machine.file_system) + ".</p>\n<p class=\"small\">";
  for (const std::string& package : machine.packages) html += escaped(package) + " · ";
  html +=
      "</p>\n<p>Load generator, brokers, unit and recipient share these cores. Each round starts "
      "its own brokers and, for the gateway, its own keys and store; readings come from a "
      "simulated "
      "drive, are numbered, and a round in which one is missing, repeated or altered is void. A "
      "bridge forwards QoS 1 in MQTT 3.1.1 without limits on its windows and queues; it neither "
      "protects nor syncs. CPU, memory and disk bytes are read from /proc, uplink bytes are TCP "
      "payload by the kernel's counters, without TLS for both.</p>\n";
  if (report.headroom) {
    html += "<p>The load generator alone sends " + decimal(report.headroom->per_second, 0) +
            " readings/s with " + percent(report.headroom->cpu_share) + " of a core.</p>\n";
  }
  return html + "</section>\n";
}

}  // namespace

std::string html_of(const Report& report) {
  return page_head("The gateway beside a bridge") + "<body>\n<main>\n" + masthead(report) +
         verdict(report) + goals_section(report) + saturation_section(report) +
         latency_section(report) + bytes_section(report) + delivery_section(report) +
         memory_section(report) + machine_section(report) + "</main>\n</body>\n</html>\n";
}

}  // namespace sudare::sim::bench
