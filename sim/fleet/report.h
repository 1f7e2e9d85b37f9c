// A fleet run's summary for people and for programs.
#pragma once

#include <string>

#include "sim/fleet/fleet.h"

namespace sudare::sim::fleet {

// A line per purpose and the figures below. `policy`: names the purposes.
[[nodiscard]] std::string table_of(const FleetSummary& summary, const Policy& policy);

// One JSON object; docs/simulator.md names its keys.
[[nodiscard]] std::string json_of(const FleetSummary& summary, const Policy& policy);

}  // namespace sudare::sim::fleet
