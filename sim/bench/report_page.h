// A report as a self-contained page: no script, nothing fetched.
#pragma once

#include <string>

#include "sim/bench/report.h"

namespace sudare::sim::bench {

[[nodiscard]] std::string html_of(const Report& report);

}  // namespace sudare::sim::bench
