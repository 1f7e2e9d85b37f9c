// Saturation: as many readings as the in-vehicle broker takes, bridge and gateway in turn.
#include "sim/bench/bench.h"

namespace sudare::sim::bench {

namespace {

// 4 s at half the speed of the fastest subject.
constexpr std::uint64_t kSlowDivisor = 2;
constexpr int kSlowRounds = 3;
constexpr int kEmergencyRounds = 3;

struct Rounds {
  int count = 0;
  std::uint64_t readings = 0;
  double emergencies_per_second = 0;
  bool slow_disk = false;
};

Parsed<Done> measure_rounds(Bench& bench, const Rounds& rounds, std::vector<Round>& into) {
  for (int i = 0; i < rounds.count; ++i) {
    for (const SubjectKind kind : {SubjectKind::kBridge, SubjectKind::kGateway}) {
      bench.progress("throughput, round " + std::to_string(i + 1) + " of " +
                     std::to_string(rounds.count) + ": " + name_of(kind) +
                     (rounds.slow_disk ? ", slow disk" : "") +
                     (rounds.emergencies_per_second > 0 ? ", emergencies meanwhile" : ""));
      SubjectOptions subject;
      subject.kind = kind;
      subject.slow_disk = rounds.slow_disk;
      auto round = round_through(
          bench, subject,
          {.readings = rounds.readings, .emergencies_per_second = rounds.emergencies_per_second});
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
  Rounds rounds{bench.options.rounds, bench.options.readings, 0, false};
  if (auto done = measure_rounds(bench, rounds, bench.report.throughput); !done) return done;
  rounds.count = std::min(bench.options.rounds, kEmergencyRounds);
  rounds.emergencies_per_second = kEmergenciesPerSecond;
  return measure_rounds(bench, rounds, bench.report.emergency);
}

Parsed<Done> measure_slow_disk(Bench& bench) {
  const Rounds rounds{std::min(bench.options.rounds, kSlowRounds),
                      bench.options.readings / kSlowDivisor, 0, true};
  return measure_rounds(bench, rounds, bench.report.slow_throughput);
}

}  // namespace sudare::sim::bench
