// What a slow car writes to its flash, by the interval at which the gateway commits. The intervals
// run side by side: each writes for itself, and none needs the machine.
#include <thread>

#include "sim/bench/bench.h"
#include "sim/process/wait.h"

namespace sudare::sim::bench {

namespace {

constexpr double kPerSecond = 10;
constexpr double kSeconds = 90;
constexpr double kQuickSeconds = 3;
// As a service's purpose lingers, so that batches are not what is committed.
constexpr std::uint32_t kLingerMs = 30'000;
constexpr std::uint32_t kQuickLingerMs = 1000;
constexpr std::uint32_t kIntervalsMs[] = {100, 1000, 5000, 10'000};
// From the last reading to the commit that its upload waits for.
constexpr std::int64_t kIdleMsMax = 70'000;

Parsed<Wear> measure_interval(Bench& bench, std::uint32_t interval_ms, std::uint64_t readings) {
  SubjectOptions options;
  options.commit_interval_ms = interval_ms;
  options.linger_ms = bench.options.quick ? kQuickLingerMs : kLingerMs;
  auto subject = Subject::start(bench.options.parts, options);
  if (!subject) return tl::unexpected<InputError>(subject.error());
  Series series = bench.readings;
  Ledger ledger(readings);
  auto recipient = Recipient::start((*subject)->cloud(), (*subject)->keys(),
                                    {{&series, &ledger, "readings"}}, false);
  if (!recipient) return tl::unexpected<InputError>(recipient.error());
  const std::uint64_t before = (*subject)->gateway_usage().disk_bytes;
  LoadOptions load;
  load.count = readings;
  load.per_second = kPerSecond;
  auto sent = run_load((*subject)->local(), series, ledger, load);
  if (!sent) return tl::unexpected<InputError>(sent.error());
  (*recipient)->wait_for(ledger, readings, kIdleMsMax);
  Wear wear;
  wear.interval_ms = interval_ms;
  wear.readings = readings;
  wear.disk_bytes = (*subject)->gateway_usage().disk_bytes - before;
  (*recipient)->stop();
  wear.lost = ledger.lost();
  wear.latency = latency_of(ledger.latencies_ms());
  wear.per_payload_byte =
      static_cast<double>(wear.disk_bytes) / (series.mean_bytes() * static_cast<double>(readings));
  wear.bytes_per_hour =
      static_cast<double>(wear.disk_bytes) / static_cast<double>(readings) * kPerSecond * 3600;
  return wear;
}

}  // namespace

Parsed<Done> measure_wear(Bench& bench) {
  bench.progress("bytes written at 10 readings/s, by commit interval");
  const auto readings =
      static_cast<std::uint64_t>(kPerSecond * (bench.options.quick ? kQuickSeconds : kSeconds));
  std::vector<std::optional<Parsed<Wear>>> results(std::size(kIntervalsMs));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back(
        [&, i] { results[i] = measure_interval(bench, kIntervalsMs[i], readings); });
  }
  for (std::thread& thread : threads) thread.join();
  for (auto& result : results) {
    if (!*result) return tl::unexpected<InputError>(result->error());
    bench.report.wear.push_back(**result);
  }
  return Done{};
}

}  // namespace sudare::sim::bench
