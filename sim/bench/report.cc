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

std::vector<std::string> findings(const Report& report) {
  std::vector<std::string> found;
  for (const auto* rounds : {&report.throughput, &report.slow_throughput}) {
    for (const Round& round : *rounds) {
      if (!round.void_reason.empty()) found.push_back(round.subject + ": " + round.void_reason);
    }
  }
  return found;
}

}  // namespace sudare::sim::bench
