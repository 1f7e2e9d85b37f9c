#include "sim/bench/bench.h"

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "sim/bench/machine.h"
#include "sim/stop.h"

namespace sudare::sim::bench {

namespace {

// More than a batch holds of either codec (bench.textproto: 256 KiB).
constexpr std::size_t kPool = 20'000;
// Times of readings lie in the past: the last is of a month ago.
constexpr std::int64_t kDaysBack = 90;

struct Part {
  const char* name;
  Parsed<Done> (*measure)(Bench&);
  bool asked_for_only;  // takes long, and says nothing of throughput
};

constexpr Part kParts[] = {
    {"throughput", measure_throughput, false},
    {"slow-disk", measure_slow_disk, false},
    {"latency", measure_latency, false},
    {"delivery", measure_delivery, false},
    {"queue", measure_queue, false},
    {"wear", measure_wear, false},
    {"default-policy", measure_default_policy, false},
    {"soak", measure_soak, true},
};

}  // namespace

std::vector<std::string> part_names() {
  std::vector<std::string> names;
  for (const Part& part : kParts) names.emplace_back(part.name);
  return names;
}

Parsed<Round> round_through(Bench& bench, const SubjectOptions& options,
                            RoundOptions round_options) {
  round_options.idle_ms_max = bench.idle_ms_max();
  auto subject = Subject::start(bench.options.parts, options);
  if (!subject) return tl::unexpected<InputError>(subject.error());
  return run_round(path_of(**subject), bench.readings, bench.emergencies, round_options);
}

namespace {

Parsed<Done> measure_parts(Bench& bench) {
  const auto& only = bench.options.only;
  for (const Part& part : kParts) {
    const bool asked = std::find(only.begin(), only.end(), part.name) != only.end();
    if (!asked && (part.asked_for_only || !only.empty())) continue;
    if (auto done = part.measure(bench); !done) return done;
    if (stop_requested()) return input_error({}, 0, "stopped");
    bench.report.parts.emplace_back(part.name);
  }
  return Done{};
}

}  // namespace

Parsed<Report> run_bench(const BenchOptions& options,
                         const std::function<void(const std::string&)>& progress) {
  log_setup(LogFormat::kText, LogLevel::kError);  // a pipeline of ours says nothing of news
  const SystemClock clock;
  const std::int64_t first_ms = clock.wall_ms() / 1000 * 1000 - kDaysBack * kMsPerDay;
  const std::int64_t start_ms = clock.monotonic_ms();
  Report report;
  report.seed = options.seed;
  report.quick = options.quick;
  report.codec = options.codec == PayloadCodec::kJson ? "json" : "protobuf";
  report.machine = this_machine(options.parts.directory);
  report.commit = commit_here(options.parts.directory);
  progress("making readings");
  Bench bench{options, report, Series::positions(options.codec, options.seed, first_ms, kPool),
              Series::emergencies(options.seed, first_ms), progress};
  report.reading_bytes = bench.readings.mean_bytes();
  auto done = options.unit ? measure_unit(bench, *options.unit) : measure_parts(bench);
  if (!done) return tl::unexpected<InputError>(done.error());
  report.took_seconds = static_cast<double>(clock.monotonic_ms() - start_ms) / 1000;
  return report;
}

}  // namespace sudare::sim::bench
