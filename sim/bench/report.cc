#include "sim/bench/report.h"

#include <algorithm>

namespace sudare::sim::bench {

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

Spread spread_of(const std::vector<Round>& rounds, const std::string& subject,
                 const Figure& figure) {
  std::vector<double> values;
  for (const Round& round : rounds) {
    if (round.subject == subject) values.push_back(figure(round));
  }
  return spread_of(std::move(values));
}

Spread ratio_of(const std::vector<Round>& rounds, const Figure& figure) {
  std::vector<double> ratios;
  for (std::size_t i = 1; i < rounds.size(); ++i) {
    if (rounds[i].subject != "gateway" || rounds[i - 1].subject != "bridge") continue;
    const double bridge = figure(rounds[i - 1]);
    if (bridge > 0) ratios.push_back(figure(rounds[i]) / bridge);
  }
  return spread_of(std::move(ratios));
}

double ceiling_of(const std::vector<Round>& rounds) {
  return 1 / ratio_of(rounds, [](const Round& round) {
               return std::max(round.broker.cpu_seconds(), round.gateway.cpu_seconds()) /
                      static_cast<double>(round.opened);
             }).median;
}

Latency emergency_latency(const std::vector<Round>& rounds, const std::string& subject) {
  std::vector<double> all;
  for (const Round& round : rounds) {
    if (round.subject != subject) continue;
    all.insert(all.end(), round.emergency_ms.begin(), round.emergency_ms.end());
  }
  std::sort(all.begin(), all.end());
  return latency_of(all);
}

std::vector<std::string> findings(const Report& report) {
  std::vector<std::string> found;
  const auto add = [&](const std::string& what, const Round& round) {
    if (!round.void_reason.empty()) {
      found.push_back(what + ", " + round.subject + ": " + round.void_reason);
    }
  };
  for (const Round& round : report.throughput) add("saturation", round);
  for (const Round& round : report.emergency) add("emergencies", round);
  for (const Round& round : report.slow_throughput) add("slow disk", round);
  for (const Round& round : report.unit) add("saturation", round);
  for (const LatencyRow& row : report.latency) add("latency", row.round);
  for (const LatencyRow& row : report.unit_latency) add("latency", row.round);
  for (const Delivery& delivery : report.deliveries) {
    // What a bridge loses is a figure, no failure of this benchmark.
    if (delivery.subject == "gateway" && delivery.lost > 0) {
      found.push_back(delivery.scenario + ": " + std::to_string(delivery.lost) + " readings lost");
    }
  }
  if (report.queue.lost > 0) found.push_back("long queue: readings lost");
  for (const Wear& wear : report.wear) {
    if (wear.lost > 0) found.push_back("commit intervals: readings lost");
  }
  if (report.soak && !report.soak->adds_up) found.push_back("soak: the account does not add up");
  return found;
}

}  // namespace sudare::sim::bench
