// Sends a series to a broker, as fast as it takes it or at a rate. One thread, one descriptor, many
// messages per system call: the generator must not be what a benchmark measures.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/bench/ledger.h"
#include "sim/bench/series.h"
#include "sim/error.h"
#include "sim/mqtt/client.h"

namespace sudare::sim::bench {

struct LoadOptions {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::size_t window = 1000;   // unacknowledged at most; with a rate as many as MQTT allows
  double per_second = 0;       // 0: as fast as the broker takes them
  std::function<bool()> stop;  // asked now and then; may be empty
};

struct LoadResult {
  std::uint64_t sent = 0;
  double seconds = 0;      // from the first message to the last acknowledgement
  double cpu_seconds = 0;  // of the sending thread
  bool broken = false;     // the broker went away before all was acknowledged
};

// Blocks until everything is acknowledged, stop_requested(), or the broker goes away. QoS 1. An
// error: the broker does not take the connection.
[[nodiscard]] Parsed<LoadResult> run_load(const Broker& broker, Series& series, Ledger& ledger,
                                          const LoadOptions& options);

}  // namespace sudare::sim::bench
