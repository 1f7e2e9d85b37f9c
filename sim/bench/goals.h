// What issue and design ask for, beside what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/bench/report.h"

namespace sudare::sim::bench {

// The figures that stand for a run; nothing where the part was not measured.
struct KeyFigures {
  std::optional<double> ratio_throughput;
  std::optional<double> ratio_uplink_bytes_bench;
  std::optional<double> ratio_uplink_bytes_default;
  std::optional<double> rss_peak_mib;
  std::optional<double> rss_anon_mib;
  std::optional<double> delivered_after_outage;
  std::optional<double> delivered_after_kill;
  std::optional<double> enqueue_ratio_1e6;
  std::optional<double> emergency_p99_ms;
  std::optional<double> cpu_us_per_reading;
  std::optional<double> disk_bytes_per_payload_byte;
};
[[nodiscard]] KeyFigures key_figures(const Report& report);

struct Goal {
  std::string name;
  std::string target;
  std::string measured;
  bool met = false;
  std::string limit;  // of a goal that is missed: what stands in the way
};
// Of the parts that were measured.
[[nodiscard]] std::vector<Goal> goals_of(const Report& report);

}  // namespace sudare::sim::bench
