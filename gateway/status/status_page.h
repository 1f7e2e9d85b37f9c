// The two texts that the status server answers with. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/status/snapshot.h"

namespace sudare {

// Prometheus text format 0.0.4.
[[nodiscard]] std::string metrics_text(const GatewaySnapshot& snapshot);

// JSON: {"ok": …, "reasons": […], "notes": […], "queue": {…}, "last_commit_age_ms": …,
// "clock_confirmed": …, "sandbox": {…}}. `reasons` say why not ok; `notes` are states that a car is
// in every day, such as being without network.
struct Health {
  bool ok = true;
  std::string json;
};
[[nodiscard]] Health health(const GatewaySnapshot& snapshot, std::int64_t monotonic_ms);

}  // namespace sudare
