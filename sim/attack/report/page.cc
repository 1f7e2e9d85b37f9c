#include "sim/attack/report/page.h"

#include "sim/attack/report/page_parts.h"
#include "sim/attack/report/text.h"

namespace sudare::sim::attack {

namespace {

std::string head(const Report& report) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
         escaped(report.title) + "</title>\n<style>\n" + page_style() + "</style>\n</head>\n";
}

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

std::string table_begin(const std::string& caption, const std::vector<Column>& columns) {
  std::string html = "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"" +
                     escaped(caption) + "\"><table>\n<caption>" + escaped(caption) +
                     "</caption>\n<thead><tr>";
  for (const Column& column : columns) {
    html += std::string("<th scope=\"col\"") + (column.number ? " class=\"number\"" : "") + ">" +
            escaped(column.name) + "</th>";
  }
  return html + "</tr></thead>\n<tbody>\n";
}

std::string badge(bool good, const char* yes, const char* no) {
  return std::string("<span class=\"badge ") + (good ? "good\">✓&nbsp;" : "bad\">✗&nbsp;") +
         (good ? yes : no) + "</span>";
}

std::string to_html(const Report& report) {
  return head(report) + "<body>\n<main>\n" + masthead(report) + summary_section(report) +
         subjects_section(report) + goals_section(report) + controls_section(report) +
         attacks_section(report) + uniqueness_section(report) + other_attacks_section(report) +
         utility_section(report) + real_traces_section(report) + maps_section(report) +
         method_section(report) + "</main>\n</body>\n</html>\n";
}

}  // namespace sudare::sim::attack
