// The sections of the page, in their order. Part of report_page.h; each is empty where the report
// has nothing for it.
#pragma once

#include <string>

#include "sim/bench/report.h"

namespace sudare::sim::bench {

[[nodiscard]] std::string saturation_section(const Report& report);
[[nodiscard]] std::string latency_section(const Report& report);
[[nodiscard]] std::string bytes_section(const Report& report);
[[nodiscard]] std::string delivery_section(const Report& report);
[[nodiscard]] std::string memory_section(const Report& report);

}  // namespace sudare::sim::bench
