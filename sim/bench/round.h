// One run of a load through a subject, from the first message that is sent until the last is opened
// at the far end, and what it cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/bench/ledger.h"
#include "sim/bench/load.h"
#include "sim/bench/memory_watch.h"
#include "sim/bench/recipient.h"
#include "sim/bench/series.h"
#include "sim/bench/subject.h"
#include "sim/error.h"

namespace sudare::sim::bench {

struct Latency {
  double p50_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  std::uint64_t count = 0;
};
[[nodiscard]] Latency latency_of(const std::vector<double>& rising_ms);

// Where a load goes in and comes out. `subject` null: a unit elsewhere, whose CPU and memory can't
// be seen.
struct Path {
  const Broker* local = nullptr;
  const Broker* cloud = nullptr;
  const Keys* keys = nullptr;  // null: the messages come as they were sent
  const Subject* subject = nullptr;
  std::string name;
};
[[nodiscard]] Path path_of(const Subject& subject);

struct RoundOptions {
  std::uint64_t readings = 0;
  double per_second = 0;              // 0: saturation, with 1,000 unacknowledged
  double emergencies_per_second = 0;  // in a connection of their own; 0: none
  std::int64_t idle_ms_max = 15'000;  // nothing opened for so long: the rest will not come
};

struct Round {
  std::string subject;
  std::string void_reason;  // empty: it counts. Else why it does not
  std::uint64_t sent = 0;
  std::uint64_t opened = 0;
  std::uint64_t lost = 0;  // acknowledged to the producer, not opened
  std::uint64_t twice = 0;
  std::uint64_t altered = 0;  // of those that were compared field by field
  double seconds = 0;         // from the first sent to the last opened
  double per_second = 0;
  double load_cpu_share = 0;       // of one core, while it sent
  double recipient_cpu_share = 0;  // of one core
  double payload_bytes = 0;        // of all readings
  Usage broker;  // the in-vehicle broker: what this round added; memory at its end
  Usage gateway;
  Usage cloud;  // the cloud broker
  PortBytes uplink;
  Latency latency;
  std::vector<double> emergency_ms;  // rising
  std::vector<MemorySample> memory;  // of the unit

  // Of the in-vehicle broker and the gateway.
  [[nodiscard]] double cpu_us_per_reading() const;
  [[nodiscard]] double uplink_bytes_per_reading() const;
};

[[nodiscard]] Parsed<Round> run_round(const Path& path, Series& readings, Series& emergencies,
                                      const RoundOptions& options);

}  // namespace sudare::sim::bench
