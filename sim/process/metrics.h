// The gateway's /metrics, as the simulator reads them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace sudare::sim {

struct Metric {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

class Metrics {
 public:
  explicit Metrics(std::vector<Metric> all) : all_(std::move(all)) {}

  // The sum of all with this name and these labels among theirs; 0 where there is none.
  [[nodiscard]] std::uint64_t sum(std::string_view name,
                                  const std::map<std::string, std::string>& labels = {}) const;
  // The values that a label of these metrics takes.
  [[nodiscard]] std::vector<std::string> values_of(std::string_view name,
                                                   const std::string& label) const;

 private:
  std::vector<Metric> all_;
};

// Prometheus' text format; lines that are none are passed over. Pure.
[[nodiscard]] Metrics parse_metrics(std::string_view text);

// GET /metrics on 127.0.0.1; waits at most a second.
[[nodiscard]] Parsed<Metrics> fetch_metrics(std::uint16_t port);

}  // namespace sudare::sim
