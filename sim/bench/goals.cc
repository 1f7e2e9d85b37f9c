#include "sim/bench/goals.h"

#include <algorithm>

#include "sim/page/text.h"

namespace sudare::sim::bench {

namespace {

constexpr double kThroughput = 1.2;
constexpr double kUplinkBench = 1.0 / 3;
constexpr double kUplinkDefault = 1.0 / 8;
constexpr double kAnonymousMib = 8;
constexpr double kPeakMib = 24;
constexpr double kEnqueue = 0.9;
constexpr double kEmergencyMs = 100;
constexpr double kDiskBytes = 4;
constexpr std::uint32_t kDiskIntervalMs = 1000;

double uplink_bytes(const Round& round) { return round.uplink_bytes_per_reading(); }

std::optional<double> delivered(const Report& report, bool killed) {
  std::optional<double> least;
  for (const Delivery& row : report.deliveries) {
    const bool is_kill = row.scenario.find("kill") != std::string::npos;
    if (row.subject == "gateway" && is_kill == killed) {
      least = std::min(least.value_or(1), row.share());
    }
  }
  return least;
}

double median_rate(const LongQueue& queue, std::uint64_t queued) {
  std::vector<double> rates;
  for (const QueueRate& rate : queue.rates) {
    if (rate.queued == queued) rates.push_back(rate.per_second);
  }
  return spread_of(std::move(rates)).median;
}

// Of the gateway, in every scenario in which it was looked at.
void add_memory(const Report& report, KeyFigures& figures) {
  const auto add = [&](double anonymous_mib, double peak_mib) {
    figures.rss_anon_mib = std::max(figures.rss_anon_mib.value_or(0), anonymous_mib);
    figures.rss_peak_mib = std::max(figures.rss_peak_mib.value_or(0), peak_mib);
  };
  const auto add_round = [&](const Round& round) {
    if (round.subject != "gateway") return;
    for (const MemorySample& sample : round.memory) add(sample.anonymous_mib, sample.resident_mib);
    add(0, static_cast<double>(round.gateway.peak_kib) / 1024);
  };
  for (const Round& round : report.throughput) add_round(round);
  for (const Round& round : report.emergency) add_round(round);
  for (const Round& round : report.slow_throughput) add_round(round);
  for (const LatencyRow& row : report.latency) add_round(row.round);
  if (report.queue.many > 0) {
    add(report.queue.anonymous_mib,
        std::max(report.queue.peak_mib, report.queue.peak_after_drain_mib));
  }
  if (!report.soak) return;
  for (const MemorySample& sample : report.soak->memory) {
    add(sample.anonymous_mib, sample.resident_mib);
  }
}

// The process that used most of a core in the gateway's rounds.
std::string busiest(const std::vector<Round>& rounds) {
  struct Part {
    const char* name;
    double share;
  };
  const auto share = [&](const Figure& figure) {
    return spread_of(rounds, "gateway", figure).median;
  };
  const Part parts[] = {
      {"the in-vehicle broker",
       share([](const Round& r) { return r.broker.cpu_seconds() / r.seconds; })},
      {"the gateway", share([](const Round& r) { return r.gateway.cpu_seconds() / r.seconds; })},
      {"the cloud broker", share([](const Round& r) { return r.cloud.cpu_seconds() / r.seconds; })},
      {"the load generator", share([](const Round& r) { return r.load_cpu_share; })},
      {"the recipient", share([](const Round& r) { return r.recipient_cpu_share; })}};
  const Part* most =
      std::max_element(std::begin(parts), std::end(parts),
                       [](const Part& a, const Part& b) { return a.share < b.share; });
  double all = 0;
  for (const Part& part : parts) all += part.share;
  return std::string(most->name) + " has " + percent(most->share) + " of a core, all processes " +
         decimal(all, 1) + " cores";
}

std::string default_policy_limit(const Report& report) {
  if (!report.default_policy) return {};
  const DefaultPolicy& days = *report.default_policy;
  return "batches that close by time and are padded: " +
         decimal(static_cast<double>(days.gateway_bytes) / static_cast<double>(days.batches), 0) +
         " bytes each for " +
         decimal(static_cast<double>(days.released) / static_cast<double>(days.batches), 1) +
         " records; against a bridge that forwards JSON " +
         decimal(
             static_cast<double>(days.gateway_bytes) / static_cast<double>(days.bridge_json_bytes),
             3);
}

class Goals {
 public:
  void least(const char* name, std::optional<double> value, double target, int decimals,
             const char* unit, const std::string& limit) {
    if (value) add(name, "≥ ", *value, target, decimals, unit, *value >= target, limit);
  }
  void most(const char* name, std::optional<double> value, double target, int decimals,
            const char* unit, const std::string& limit) {
    if (value) add(name, "≤ ", *value, target, decimals, unit, *value <= target, limit);
  }
  std::vector<Goal> all;

 private:
  void add(const char* name, const char* sign, double value, double target, int decimals,
           const char* unit, bool met, const std::string& limit) {
    all.push_back({name, sign + decimal(target, decimals) + unit, decimal(value, decimals) + unit,
                   met, met ? "" : limit});
  }
};

}  // namespace

KeyFigures key_figures(const Report& report) {
  KeyFigures figures;
  if (!report.throughput.empty()) {
    figures.ratio_throughput =
        ratio_of(report.throughput, [](const Round& r) { return r.per_second; }).median;
    figures.ratio_uplink_bytes_bench = ratio_of(report.throughput, uplink_bytes).median;
    figures.emergency_p99_ms = emergency_latency(report.emergency, "gateway").p99_ms;
    figures.cpu_us_per_reading = spread_of(report.throughput, "gateway", [](const Round& r) {
                                   return r.cpu_us_per_reading();
                                 }).median;
  }
  if (report.default_policy && report.default_policy->bridge_bytes > 0) {
    figures.ratio_uplink_bytes_default = static_cast<double>(report.default_policy->gateway_bytes) /
                                         static_cast<double>(report.default_policy->bridge_bytes);
  }
  figures.delivered_after_outage = delivered(report, false);
  figures.delivered_after_kill = delivered(report, true);
  if (report.queue.many > 0) {
    figures.enqueue_ratio_1e6 =
        median_rate(report.queue, report.queue.many) / median_rate(report.queue, 0);
  }
  for (const Wear& wear : report.wear) {
    if (wear.interval_ms == kDiskIntervalMs) {
      figures.disk_bytes_per_payload_byte = wear.per_payload_byte;
    }
  }
  add_memory(report, figures);
  return figures;
}

std::vector<Goal> goals_of(const Report& report) {
  const KeyFigures figures = key_figures(report);
  const std::string cores = report.throughput.empty() ? "" : busiest(report.throughput);
  Goals goals;
  goals.least("readings/s against the bridge's", figures.ratio_throughput, kThroughput, 2, "",
              cores + "; with a core for each process it would be " +
                  decimal(ceiling_of(report.throughput), 2));
  goals.most("uplink bytes against the bridge's", figures.ratio_uplink_bytes_bench, kUplinkBench, 3,
             "", "what a batch holds when it closes");
  goals.most("the same, shipped policy and a car's days", figures.ratio_uplink_bytes_default,
             kUplinkDefault, 3, "", default_policy_limit(report));
  goals.least("delivered after an outage", figures.delivered_after_outage, 1, 3, "", "a loss");
  goals.least("delivered after kill -9", figures.delivered_after_kill, 1, 3, "", "a loss");
  goals.least("enqueue rate with the longest queue against none", figures.enqueue_ratio_1e6,
              kEnqueue, 2, "", "the store");
  goals.most("emergency p99 under saturation", figures.emergency_p99_ms, kEmergencyMs, 1, " ms",
             cores);
  goals.most("anonymous memory", figures.rss_anon_mib, kAnonymousMib, 1, " MiB", "");
  goals.most("peak resident memory", figures.rss_peak_mib, kPeakMib, 1, " MiB", "");
  goals.most("disk bytes per payload byte, 10/s, committed every second",
             figures.disk_bytes_per_payload_byte, kDiskBytes, 2, "",
             "the pages of SQLite that each commit writes");
  return goals.all;
}

}  // namespace sudare::sim::bench
