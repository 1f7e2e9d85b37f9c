// How long a reading takes from publish to opened, at rates that a subject can keep up with. Sent
// on a schedule: a reading that had to wait to be sent counts from when it was due.
#include "sim/bench/bench.h"

namespace sudare::sim::bench {

Parsed<Done> measure_latency(Bench& bench) {
  for (const bool slow_disk : {false, true}) {
    for (const double rate : bench.options.rates) {
      if (bench.options.quick && slow_disk) continue;
      for (const SubjectKind kind : {SubjectKind::kBridge, SubjectKind::kGateway}) {
        bench.progress("latency at " + std::to_string(static_cast<int>(rate)) +
                       " readings/s: " + name_of(kind) + (slow_disk ? ", slow disk" : ""));
        SubjectOptions subject;
        subject.kind = kind;
        subject.slow_disk = slow_disk;
        RoundOptions options;
        options.per_second = rate;
        options.readings = bench.readings_at(rate);
        auto round = round_through(bench, subject, options);
        if (!round) return tl::unexpected<InputError>(round.error());
        bench.report.latency.push_back({rate, slow_disk, *std::move(round)});
      }
    }
  }
  return Done{};
}

}  // namespace sudare::sim::bench
