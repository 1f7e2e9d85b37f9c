// Five days of a simulated car through one real gateway under the shipped policy, in some minutes:
// does its memory grow?
#include "base/clock.h"
#include "sim/bench/bench.h"
#include "sim/car/vehicle.h"
#include "sim/process/wait.h"
#include "sim/profile.h"
#include "sim/run.h"

namespace sudare::sim::bench {

namespace {

constexpr double kCarSeconds = 5 * 24 * 3600;
constexpr double kSeconds = 240;
constexpr double kQuickSeconds = 5;
constexpr std::int64_t kSampleMs = 500;
constexpr std::int64_t kTakenMsMax = 30'000;
constexpr const char* kFates[] = {"dropped",   "rejected",   "duplicate", "not_consented",
                                  "held_back", "queued",     "delivered", "evicted",
                                  "expired",   "quarantined"};

}  // namespace

Parsed<Done> measure_soak(Bench& bench) {
  bench.progress("five days of a car through one gateway");
  SubjectOptions options;
  options.policy = bench.options.parts.default_policy;
  auto started = Subject::start(bench.options.parts, options);
  if (!started) return tl::unexpected<InputError>(started.error());
  Subject& subject = **started;
  TrafficOptions traffic;
  for (const auto& [purpose, identities] : *subject.keys()) traffic.consents.push_back(purpose);
  const std::int64_t start_ms =
      SystemClock().wall_ms() - static_cast<std::int64_t>(kCarSeconds * 1000);
  Vehicle vehicle(default_profile(), bench.options.seed, {start_ms, false}, traffic);
  Pace pace;
  pace.speed = kCarSeconds / (bench.options.quick ? kQuickSeconds : kSeconds);
  pace.duration_seconds = kCarSeconds;
  MemoryWatch memory(&subject, kSampleMs);
  auto summary = run(vehicle.messages(), {subject.local().peer, 1, {}, {}}, pace, nullptr, nullptr);
  if (!summary) return tl::unexpected<InputError>(summary.error());
  Soak soak;
  soak.car_hours = static_cast<double>(summary->car_ms) / 3'600'000;
  soak.messages = summary->sent;
  std::optional<Metrics> last;
  (void)wait_until(
      [&] {
        if (auto metrics = subject.metrics()) last = *std::move(metrics);
        return last && last->sum("sudare_local_messages_total") >= soak.messages;
      },
      kTakenMsMax);
  soak.memory = memory.samples();
  std::uint64_t settled = 0;
  if (last) {
    soak.taken = last->sum("sudare_rows_taken_total");
    for (const char* fate : kFates) settled += last->sum("sudare_rows", {{"fate", fate}});
  }
  soak.adds_up = soak.taken > 0 && settled == soak.taken;
  bench.report.soak = std::move(soak);
  return Done{};
}

}  // namespace sudare::sim::bench
