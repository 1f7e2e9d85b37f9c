#include "sim/bench/table.h"

#include <cstdarg>
#include <cstdio>

namespace sudare::sim::bench {

namespace {

[[gnu::format(printf, 2, 3)]] void add(std::string& text, const char* format, ...) {
  char line[400];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text += line;
}

void add_spread(std::string& text, const char* name, const char* unit, int decimals,
                const std::vector<Round>& rounds, const Figure& figure) {
  const Spread bridge = spread_of(rounds, "bridge", figure);
  const Spread gateway = spread_of(rounds, "gateway", figure);
  const Spread ratio = ratio_of(rounds, figure);
  add(text, "  %-34s %10.*f (%.*f to %.*f) %10.*f (%.*f to %.*f) %6.2f (%.2f to %.2f)  %s\n", name,
      decimals, bridge.median, decimals, bridge.least, decimals, bridge.most, decimals,
      gateway.median, decimals, gateway.least, decimals, gateway.most, ratio.median, ratio.least,
      ratio.most, unit);
}

void add_throughput(std::string& text, const char* title, const std::vector<Round>& rounds) {
  if (rounds.empty()) return;
  add(text, "\n%s: %zu rounds of %llu readings each, in turn\n\n", title, rounds.size() / 2,
      static_cast<unsigned long long>(rounds.front().sent));
  add(text, "  %-34s %-32s %-32s %s\n", "median (least to most)", "bridge", "gateway", "ratio");
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
  add_spread(text, "uplink, unit to cloud", "bytes/reading", 1, rounds, [](const Round& r) {
    return static_cast<double>(r.uplink.received) / static_cast<double>(r.opened);
  });
  add_spread(text, "emergency p99, publish to opened", "ms", 1, rounds,
             [](const Round& r) { return r.emergency.p99_ms; });
  add_spread(text, "load generator", "% of a core", 0, rounds,
             [](const Round& r) { return r.load_cpu_share * 100; });
  add_spread(text, "recipient", "% of a core", 0, rounds,
             [](const Round& r) { return r.recipient_cpu_share * 100; });
}

}  // namespace

std::string table_of(const Report& report) {
  std::string text;
  if (report.headroom) {
    add(text, "The load generator alone: %.0f readings/s with %.0f %% of a core\n",
        report.headroom->per_second, report.headroom->cpu_share * 100);
  }
  add_throughput(text, "Saturation", report.throughput);
  add_throughput(text, "Saturation, each sync 5 ms slower (the bridge does not sync)",
                 report.slow_throughput);
  for (const std::string& finding : findings(report)) text += "void: " + finding + "\n";
  return text;
}

}  // namespace sudare::sim::bench
