// How long a reading takes from publish to opened, at rates that a subject can keep up with. Sent
// on a schedule: a reading that had to wait to be sent counts from when it was due.
#include "sim/bench/bench.h"

namespace sudare::sim::bench {

namespace {

struct Rate {
  double per_second;
  double seconds;
};
constexpr Rate kRates[] = {{100, 12}, {1000, 10}, {10'000, 8}};
constexpr double kQuickSeconds = 0.3;

}  // namespace

Parsed<Done> measure_latency(Bench& bench) {
  for (const bool slow_disk : {false, true}) {
    for (const Rate& rate : kRates) {
      if (bench.options.quick && slow_disk) continue;
      for (const SubjectKind kind : {SubjectKind::kBridge, SubjectKind::kGateway}) {
        bench.progress("latency at " + std::to_string(static_cast<int>(rate.per_second)) +
                       " readings/s: " + name_of(kind) + (slow_disk ? ", slow disk" : ""));
        SubjectOptions subject;
        subject.kind = kind;
        subject.slow_disk = slow_disk;
        const double seconds = bench.options.quick ? kQuickSeconds : rate.seconds;
        RoundOptions options;
        options.per_second = rate.per_second;
        options.readings = static_cast<std::uint64_t>(rate.per_second * seconds);
        auto round = round_through(bench, subject, options);
        if (!round) return tl::unexpected<InputError>(round.error());
        bench.report.latency.push_back({rate.per_second, slow_disk, *std::move(round)});
      }
    }
  }
  return Done{};
}

}  // namespace sudare::sim::bench
