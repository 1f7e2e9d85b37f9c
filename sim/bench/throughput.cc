// Saturation: as many readings as the in-vehicle broker takes, bridge and gateway in turn.
#include "sim/bench/bench.h"

namespace sudare::sim::bench {

namespace {

// Enough for a p99 of some rounds, few enough to be no load.
constexpr double kEmergenciesPerSecond = 50;
// 4 s at half the speed of the fastest subject.
constexpr std::uint64_t kSlowDivisor = 2;
constexpr int kSlowRounds = 3;

Parsed<Done> measure_rounds(Bench& bench, int rounds, std::uint64_t readings, bool slow_disk,
                            std::vector<Round>& into) {
  for (int i = 0; i < rounds; ++i) {
    for (const SubjectKind kind : {SubjectKind::kBridge, SubjectKind::kGateway}) {
      bench.progress("throughput, round " + std::to_string(i + 1) + " of " +
                     std::to_string(rounds) + ": " + name_of(kind) +
                     (slow_disk ? ", slow disk" : ""));
      SubjectOptions subject;
      subject.kind = kind;
      subject.slow_disk = slow_disk;
      auto round = round_through(
          bench, subject, {.readings = readings, .emergencies_per_second = kEmergenciesPerSecond});
      if (!round) return tl::unexpected<InputError>(round.error());
      into.push_back(*std::move(round));
    }
  }
  return Done{};
}

}  // namespace

Parsed<Done> measure_headroom(Bench& bench) {
  bench.progress("the load generator alone");
  SubjectOptions options;
  options.kind = SubjectKind::kBridge;
  options.unconnected = true;
  auto subject = Subject::start(bench.options.parts, options);
  if (!subject) return tl::unexpected<InputError>(subject.error());
  Ledger ledger(bench.options.readings);
  LoadOptions load;
  load.count = bench.options.readings;
  auto sent = run_load((*subject)->local(), bench.readings, ledger, load);
  if (!sent) return tl::unexpected<InputError>(sent.error());
  bench.report.headroom =
      Headroom{static_cast<double>(sent->sent) / sent->seconds, sent->cpu_seconds / sent->seconds};
  return Done{};
}

Parsed<Done> measure_throughput(Bench& bench) {
  if (auto done = measure_headroom(bench); !done) return done;
  return measure_rounds(bench, bench.options.rounds, bench.options.readings, false,
                        bench.report.throughput);
}

Parsed<Done> measure_slow_disk(Bench& bench) {
  return measure_rounds(bench, std::min(bench.options.rounds, kSlowRounds),
                        bench.options.readings / kSlowDivisor, true, bench.report.slow_throughput);
}

}  // namespace sudare::sim::bench
