// The sections of the page, in their order. Part of page.h; each is empty where the report has
// nothing for it.
#pragma once

#include <string>
#include <vector>

#include "sim/attack/report.h"
#include "sim/page/parts.h"

namespace sudare::sim::attack {

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

}  // namespace sudare::sim::attack
