// What a benchmark measured. Nothing here measures or prints.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/bench/round.h"

namespace sudare::sim::bench {

struct Machine {
  std::string cpu;
  std::size_t cores = 0;
  std::string kernel;
  std::string file_system;            // where the store lay
  double load_before = 0;             // processes that ran or waited, a minute's mean
  std::vector<std::string> packages;  // with their versions, where dpkg knows them
};

// What the load generator could send if nobody took anything further.
struct Headroom {
  double per_second = 0;
  double cpu_share = 0;  // of one core
};

struct LatencyRow {
  double per_second = 0;
  bool slow_disk = false;
  Round round;
};

struct Delivery {
  std::string scenario;
  std::string subject;
  std::uint64_t acknowledged = 0;  // to the producer
  std::uint64_t lost = 0;          // of them
  std::uint64_t twice = 0;
  [[nodiscard]] double share() const {
    return acknowledged == 0 ? 0
                             : 1 - static_cast<double>(lost) / static_cast<double>(acknowledged);
  }
};

// How fast a gateway whose cloud is away takes readings.
struct QueueRate {
  std::uint64_t queued = 0;  // before
  double per_second = 0;
  double cpu_us = 0;  // of the gateway, per reading
};

struct LongQueue {
  std::vector<QueueRate> rates;
  std::uint64_t many = 0;    // the longest queue
  double anonymous_mib = 0;  // with the longest queue …
  double peak_mib = 0;
  double file_mib = 0;
  double peak_after_drain_mib = 0;
  std::uint64_t drained = 0;
  std::uint64_t lost = 0;
  double drain_seconds = 0;  // from the cloud's return
};

struct Wear {
  std::uint32_t interval_ms = 0;
  std::uint64_t readings = 0;
  std::uint64_t lost = 0;
  std::uint64_t disk_bytes = 0;
  double per_payload_byte = 0;
  double bytes_per_hour = 0;
  Latency latency;
};

// A simulated car's traffic under the shipped policy: what would cross the uplink.
struct DefaultPolicy {
  double days = 0;
  std::uint64_t messages = 0;
  std::uint64_t readings = 0;           // positions among them
  std::uint64_t released_readings = 0;  // of them; the rest stays in the car
  std::uint64_t released = 0;           // records, of all messages
  std::uint64_t batches = 0;
  // MQTT packets, TCP payload without TLS.
  std::uint64_t bridge_bytes = 0;       // the same messages, forwarded
  std::uint64_t bridge_json_bytes = 0;  // the same in JSON
  std::uint64_t gateway_bytes = 0;
};

// Days of a simulated car through one gateway, hastened.
struct Soak {
  double car_hours = 0;
  std::uint64_t messages = 0;
  std::uint64_t taken = 0;  // rows
  bool adds_up = false;     // the account
  std::vector<MemorySample> memory;
};

struct Report {
  std::string commit;
  std::uint64_t seed = 0;
  std::string codec;
  bool quick = false;
  double took_seconds = 0;
  double reading_bytes = 0;
  Machine machine;
  std::vector<std::string> parts;        // that were measured
  std::vector<Round> unit;               // a unit on the bench: saturation …
  std::vector<LatencyRow> unit_latency;  // … and at rates

  std::optional<Headroom> headroom;
  std::vector<Round> throughput;       // bridge, gateway, bridge …
  std::vector<Round> emergency;        // the same, with emergencies meanwhile
  std::vector<Round> slow_throughput;  // the same with a slow disk
  std::vector<LatencyRow> latency;
  std::vector<Delivery> deliveries;
  LongQueue queue;
  std::vector<Wear> wear;
  std::optional<DefaultPolicy> default_policy;
  std::optional<Soak> soak;
};

// Of a figure of the rounds of a subject.
struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);
using Figure = std::function<double(const Round&)>;
[[nodiscard]] Spread spread_of(const std::vector<Round>& rounds, const std::string& subject,
                               const Figure& figure);
// Of the gateway's figure over that of the bridge's round before it.
[[nodiscard]] Spread ratio_of(const std::vector<Round>& rounds, const Figure& figure);

// What the ratio of throughputs would be if each subject had a core for each of its processes: the
// bridge's CPU per reading over that of the busiest of in-vehicle broker and gateway. Other work on
// the machine does not move it.
[[nodiscard]] double ceiling_of(const std::vector<Round>& rounds);

// From publish to opened, of all rounds' emergencies; count 0: there were none.
[[nodiscard]] Latency emergency_latency(const std::vector<Round>& rounds,
                                        const std::string& subject);

// What makes a run void or names a loss; empty: all was delivered.
[[nodiscard]] std::vector<std::string> findings(const Report& report);

}  // namespace sudare::sim::bench
