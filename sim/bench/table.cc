#include "sim/bench/table.h"

#include <algorithm>
#include <cstdio>

#include "sim/bench/goals.h"
#include "sim/page/text.h"

namespace sudare::sim::bench {

namespace {

void add_spread(std::string& text, const char* name, const char* unit, int decimals,
                const std::vector<Round>& rounds, const Figure& figure) {
  const Spread bridge = spread_of(rounds, "bridge", figure);
  const Spread gateway = spread_of(rounds, "gateway", figure);
  const Spread ratio = ratio_of(rounds, figure);
  append(text, "  %-34s %10.*f (%.*f to %.*f) %10.*f (%.*f to %.*f) %6.2f (%.2f to %.2f)  %s\n",
         name, decimals, bridge.median, decimals, bridge.least, decimals, bridge.most, decimals,
         gateway.median, decimals, gateway.least, decimals, gateway.most, ratio.median, ratio.least,
         ratio.most, unit);
}

void add_throughput(std::string& text, const char* title, const std::vector<Round>& rounds) {
  if (rounds.empty()) return;
  append(text, "\n%s: %zu rounds of %llu readings each, in turn\n\n", title, rounds.size() / 2,
         static_cast<unsigned long long>(rounds.front().sent));
  append(text, "  %-34s %-32s %-32s %s\n", "median (least to most)", "bridge", "gateway", "ratio");
  add_spread(text, "readings opened", "1/s", 0, rounds,
             [](const Round& r) { return r.per_second; });
  add_spread(text, "CPU per reading, broker and unit", "us", 2, rounds,
             [](const Round& r) { return r.cpu_us_per_reading(); });
  add_spread(text, "  of it the in-vehicle broker", "us", 2, rounds, [](const Round& r) {
    return r.broker.cpu_seconds() * 1e6 / static_cast<double>(r.opened);
  });
  add_spread(text, "  of it the gateway", "us", 2, rounds, [](const Round& r) {
    return r.gateway.cpu_seconds() * 1e6 / static_cast<double>(r.opened);
  });
  add_spread(text, "uplink, unit to cloud", "bytes/reading", 1, rounds,
             [](const Round& r) { return r.uplink_bytes_per_reading(); });
  add_spread(text, "load generator", "% of a core", 0, rounds,
             [](const Round& r) { return r.load_cpu_share * 100; });
  add_spread(text, "recipient", "% of a core", 0, rounds,
             [](const Round& r) { return r.recipient_cpu_share * 100; });
  append(text, "  ceiling of the ratio, with a core for each process: %.2f\n", ceiling_of(rounds));
  for (const char* subject : {"bridge", "gateway"}) {
    const Latency urgent = emergency_latency(rounds, subject);
    if (urgent.count == 0) continue;
    append(text, "  emergency under this load, %s: p50 %.1f ms, p99 %.1f ms of %llu\n", subject,
           urgent.p50_ms, urgent.p99_ms, static_cast<unsigned long long>(urgent.count));
  }
}

void add_latency(std::string& text, const std::vector<LatencyRow>& rows) {
  if (rows.empty()) return;
  append(text, "\nFrom publish to opened, in ms\n\n  %-10s %-8s %-10s %10s %10s %10s %14s\n",
         "readings/s", "unit", "disk", "p50", "p99", "p99.9", "bytes/reading");
  for (const LatencyRow& row : rows) {
    const Latency& latency = row.round.latency;
    append(text, "  %-10.0f %-8s %-10s %10.1f %10.1f %10.1f %14.1f\n", row.per_second,
           row.round.subject.c_str(), row.slow_disk ? "slow" : "as it is", latency.p50_ms,
           latency.p99_ms, latency.p999_ms, row.round.uplink_bytes_per_reading());
  }
}

void add_deliveries(std::string& text, const std::vector<Delivery>& deliveries) {
  if (deliveries.empty()) return;
  append(text,
         "\nDelivered of what the producer was told is safe\n\n  %-32s %-26s %12s %8s %7s %9s\n",
         "", "unit", "acknowledged", "lost", "twice", "delivered");
  for (const Delivery& row : deliveries) {
    append(text, "  %-32s %-26s %12llu %8llu %7llu %7.1f %%\n", row.scenario.c_str(),
           row.subject.c_str(), static_cast<unsigned long long>(row.acknowledged),
           static_cast<unsigned long long>(row.lost), static_cast<unsigned long long>(row.twice),
           row.share() * 100);
  }
}

void add_queue(std::string& text, const LongQueue& queue) {
  if (queue.rates.empty()) return;
  append(text, "\nA gateway whose cloud is away\n\n  %-16s %14s %18s\n", "queued before",
         "readings/s", "CPU us/reading");
  for (const QueueRate& rate : queue.rates) {
    append(text, "  %-16llu %14.0f %18.2f\n", static_cast<unsigned long long>(rate.queued),
           rate.per_second, rate.cpu_us);
  }
  append(text,
         "  With the longest queue: anonymous %.1f MiB, peak resident %.1f MiB, store %.1f MiB on "
         "disk\n  Drained: %llu readings, %llu lost, in %.1f s (%.0f readings/s); peak %.1f MiB\n",
         queue.anonymous_mib, queue.peak_mib, queue.file_mib,
         static_cast<unsigned long long>(queue.drained),
         static_cast<unsigned long long>(queue.lost), queue.drain_seconds,
         static_cast<double>(queue.drained) / queue.drain_seconds, queue.peak_after_drain_mib);
}

void add_wear(std::string& text, const std::vector<Wear>& rows) {
  if (rows.empty()) return;
  append(text, "\nWritten to the disk at 10 readings/s\n\n  %-16s %20s %16s %16s\n",
         "commit interval", "bytes/payload byte", "MiB per hour", "latency p50 ms");
  for (const Wear& wear : rows) {
    append(text, "  %13u ms %20.2f %16.1f %16.0f\n", wear.interval_ms, wear.per_payload_byte,
           wear.bytes_per_hour / (1024 * 1024), wear.latency.p50_ms);
  }
}

void add_default_policy(std::string& text, const DefaultPolicy& days) {
  append(
      text,
      "\nThe shipped policy, %.2f days of a car: %llu messages, %llu of %llu positions released, "
      "%llu records in %llu batches\n",
      days.days, static_cast<unsigned long long>(days.messages),
      static_cast<unsigned long long>(days.released_readings),
      static_cast<unsigned long long>(days.readings),
      static_cast<unsigned long long>(days.released),
      static_cast<unsigned long long>(days.batches));
  const auto kib_a_day = [&](std::uint64_t bytes) {
    return static_cast<double>(bytes) / days.days / 1024;
  };
  append(text, "  uplink, KiB a day: gateway %.1f, bridge %.1f in Protobuf and %.1f in JSON\n",
         kib_a_day(days.gateway_bytes), kib_a_day(days.bridge_bytes),
         kib_a_day(days.bridge_json_bytes));
}

void add_soak(std::string& text, const Soak& soak) {
  if (soak.memory.empty()) return;
  double most = 0;
  for (const MemorySample& sample : soak.memory) most = std::max(most, sample.anonymous_mib);
  const MemorySample& early = soak.memory[soak.memory.size() / 10];
  const MemorySample& last = soak.memory.back();
  append(
      text,
      "\nSoak: %.1f h of a car, %llu messages in %.0f s; the account %s\n  anonymous memory after "
      "a "
      "tenth %.2f MiB, at the end %.2f MiB, most %.2f MiB; resident %.1f and %.1f MiB\n",
      soak.car_hours, static_cast<unsigned long long>(soak.messages), last.seconds,
      soak.adds_up ? "adds up" : "does not add up", early.anonymous_mib, last.anonymous_mib, most,
      early.resident_mib, last.resident_mib);
}

void add_unit(std::string& text, const Report& report) {
  if (report.unit.empty()) return;
  const Spread rate = spread_of(report.unit, "unit", [](const Round& r) { return r.per_second; });
  const Latency urgent = emergency_latency(report.unit, "unit");
  append(
      text,
      "\nThe unit, saturated: %.0f readings/s (%.0f to %.0f) in %zu rounds; emergencies meanwhile "
      "p50 %.1f ms, p99 %.1f ms\n  load generator %.0f %% of a core, recipient %.0f %%\n",
      rate.median, rate.least, rate.most, report.unit.size(), urgent.p50_ms, urgent.p99_ms,
      report.unit.front().load_cpu_share * 100, report.unit.front().recipient_cpu_share * 100);
}

void add_goals(std::string& text, const Report& report) {
  const auto goals = goals_of(report);
  if (goals.empty()) return;
  append(text, "\n%-52s %10s %12s\n", "Goal", "target", "measured");
  for (const Goal& goal : goals) {
    text += left(goal.name, 52) + " " + right(goal.target, 10) + " " + right(goal.measured, 12) +
            (goal.met ? "  met" : "  missed: " + goal.limit) + "\n";
  }
}

}  // namespace

std::string table_of(const Report& report) {
  std::string text;
  if (report.headroom) {
    append(text, "The load generator alone: %.0f readings/s with %.0f %% of a core\n",
           report.headroom->per_second, report.headroom->cpu_share * 100);
  }
  add_throughput(text, "Saturation", report.throughput);
  add_throughput(text, "Saturation, with emergencies meanwhile", report.emergency);
  add_throughput(text, "Saturation, each sync 5 ms slower (the bridge does not sync)",
                 report.slow_throughput);
  add_latency(text, report.latency);
  add_deliveries(text, report.deliveries);
  add_queue(text, report.queue);
  add_wear(text, report.wear);
  if (report.default_policy) add_default_policy(text, *report.default_policy);
  if (report.soak) add_soak(text, *report.soak);
  add_unit(text, report);
  add_latency(text, report.unit_latency);
  add_goals(text, report);
  for (const std::string& finding : findings(report)) text += "void: " + finding + "\n";
  return text;
}

}  // namespace sudare::sim::bench
