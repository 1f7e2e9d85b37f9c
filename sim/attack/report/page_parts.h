// The sections of the page, in their order. Part of page.h; each is empty where the report has
// nothing for it.
#pragma once

#include <string>
#include <vector>

#include "sim/attack/report.h"

namespace sudare::sim::attack {

// page_style.cc
[[nodiscard]] const char* page_style();

// page_summary.cc
[[nodiscard]] std::string summary_section(const Report& report);
[[nodiscard]] std::string subjects_section(const Report& report);

// page_goals.cc
[[nodiscard]] std::string goals_section(const Report& report);
[[nodiscard]] std::string controls_section(const Report& report);

// page_figures.cc
[[nodiscard]] std::string attacks_section(const Report& report);
[[nodiscard]] std::string uniqueness_section(const Report& report);
[[nodiscard]] std::string maps_section(const Report& report);

// page_tables.cc
[[nodiscard]] std::string other_attacks_section(const Report& report);
[[nodiscard]] std::string utility_section(const Report& report);
[[nodiscard]] std::string real_traces_section(const Report& report);
[[nodiscard]] std::string method_section(const Report& report);

// For all of them.

// "<th scope="col">NAME</th>" for each, in a row of a <thead>; with those of `numbers` aligned so.
struct Column {
  std::string name;
  bool number = false;
};
[[nodiscard]] std::string table_begin(const std::string& caption,
                                      const std::vector<Column>& columns);
[[nodiscard]] inline std::string table_end() { return "</tbody></table></div>\n"; }

// "✓ met" or "✗ missed", never by colour alone.
[[nodiscard]] std::string badge(bool good, const char* yes, const char* no);

}  // namespace sudare::sim::attack
