// The benchmark: which parts there are, and what they share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/bench/report.h"
#include "sim/bench/series.h"
#include "sim/bench/subject.h"

namespace sudare::sim::bench {

// A unit that is already there, between brokers that are already there.
struct UnitOnBench {
  MqttPeer local;
  MqttPeer cloud;
  Keys keys;  // empty: what it forwards is not sealed
};

struct BenchOptions {
  Parts parts;
  std::vector<std::string> only;  // names of parts; empty: all but "soak"
  std::uint64_t readings = 300'000;
  int rounds = 5;
  std::vector<double> rates = {100, 1000, 10'000};  // readings per second, for latencies
  PayloadCodec codec = PayloadCodec::kJson;
  std::uint64_t seed = 1;
  std::optional<UnitOnBench> unit;  // measured in place of all parts
  bool quick = false;               // small enough for a test: figures are no measurement
};

struct Bench {
  const BenchOptions& options;
  Report& report;
  Series readings;
  Series emergencies;
  std::function<void(const std::string& doing)> progress;  // on a terminal; else does nothing

  // How many readings a rate is watched for.
  [[nodiscard]] std::uint64_t readings_at(double per_second) const {
    return static_cast<std::uint64_t>(std::max(1.0, per_second * (options.quick ? 0.3 : 10)));
  }
  // Nothing opened for so long: the rest will not come.
  [[nodiscard]] std::int64_t idle_ms_max() const { return options.quick ? 5000 : 15'000; }
};

// A subject, freshly started, and a round through it.
[[nodiscard]] Parsed<Round> round_through(Bench& bench, const SubjectOptions& subject,
                                          RoundOptions round);

// The parts. An error ends the benchmark: something could not be started.
[[nodiscard]] Parsed<Done> measure_headroom(Bench& bench);
// While the load saturates: some for a p99, and few, for each makes a commit of its own. A car has
// one in a lifetime.
inline constexpr double kEmergenciesPerSecond = 10;

[[nodiscard]] Parsed<Done> measure_throughput(Bench& bench);
[[nodiscard]] Parsed<Done> measure_slow_disk(Bench& bench);
[[nodiscard]] Parsed<Done> measure_latency(Bench& bench);
[[nodiscard]] Parsed<Done> measure_delivery(Bench& bench);
[[nodiscard]] Parsed<Done> measure_queue(Bench& bench);
[[nodiscard]] Parsed<Done> measure_wear(Bench& bench);
[[nodiscard]] Parsed<Done> measure_default_policy(Bench& bench);
[[nodiscard]] Parsed<Done> measure_soak(Bench& bench);

[[nodiscard]] Parsed<Done> measure_unit(Bench& bench, const UnitOnBench& unit);

// For --only.
[[nodiscard]] std::vector<std::string> part_names();

[[nodiscard]] Parsed<Report> run_bench(const BenchOptions& options,
                                       const std::function<void(const std::string&)>& progress);

}  // namespace sudare::sim::bench
