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
  std::string file_system;  // where the store lay
  double load_before = 0;   // processes that ran or waited, a minute's mean, as it began …
  double load_after = 0;    // … and as it ended, the benchmark's own among them
  std::string mosquitto;    // versions
  std::string sqlite;
  std::string openssl;
};

// What the load generator could send if nobody took anything further.
struct Headroom {
  double per_second = 0;
  double cpu_share = 0;  // of one core
};

struct Report {
  std::string commit;
  std::uint64_t seed = 0;
  std::string codec;
  std::string command;
  bool quick = false;
  double took_seconds = 0;
  double reading_bytes = 0;
  Machine machine;
  std::vector<std::string> parts;  // that were measured

  std::optional<Headroom> headroom;
  std::vector<Round> throughput;       // bridge, gateway, bridge …
  std::vector<Round> slow_throughput;  // the same with a slow disk
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

// What makes a run void or names a loss; empty: all was delivered.
[[nodiscard]] std::vector<std::string> findings(const Report& report);

}  // namespace sudare::sim::bench
