// A unit that is already there: the same load and recipient, over the network. What it can't see,
// CPU and memory, is left out.
#include "sim/bench/bench.h"

namespace sudare::sim::bench {

Parsed<Done> measure_unit(Bench& bench, const UnitOnBench& unit) {
  auto local = Broker::find(unit.local);
  if (!local) return input_error(local.error(), "the in-vehicle broker");
  auto cloud = Broker::find(unit.cloud);
  if (!cloud) return input_error(cloud.error(), "the cloud broker");
  const Path path{&*local, &*cloud, unit.keys.empty() ? nullptr : &unit.keys, nullptr, "unit"};
  for (int i = 0; i < bench.options.rounds; ++i) {
    bench.progress("saturation, round " + std::to_string(i + 1));
    RoundOptions options;
    options.readings = bench.options.readings;
    options.emergencies_per_second = kEmergenciesPerSecond;
    auto round = run_round(path, bench.readings, bench.emergencies, options);
    if (!round) return tl::unexpected<InputError>(round.error());
    bench.report.unit.push_back(*std::move(round));
  }
  for (const double rate : bench.options.rates) {
    bench.progress("latency at " + std::to_string(static_cast<int>(rate)) + " readings/s");
    RoundOptions options;
    options.per_second = rate;
    options.readings = bench.readings_at(rate);
    auto round = run_round(path, bench.readings, bench.emergencies, options);
    if (!round) return tl::unexpected<InputError>(round.error());
    bench.report.unit_latency.push_back({rate, false, *std::move(round)});
  }
  bench.report.parts.emplace_back("unit");
  return Done{};
}

}  // namespace sudare::sim::bench
