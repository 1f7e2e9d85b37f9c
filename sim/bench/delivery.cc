// What arrives of what the producer was told is safe, when the cloud is away and when the unit is
// killed.
#include <atomic>
#include <thread>

#include "sim/bench/bench.h"
#include "sim/process/wait.h"

namespace sudare::sim::bench {

namespace {

constexpr std::uint64_t kQueued = 5000;  // while the cloud is away
constexpr std::uint64_t kUnderLoad = 200'000;
constexpr std::uint64_t kQuickUnderLoad = 20'000;
constexpr std::int64_t kStateMsMax = 30'000;
// Of the gateway's commits: what it holds after so long is on disk.
constexpr std::int64_t kSettleMs = 500;

Delivery delivery_of(const Subject& subject, const SubjectOptions& options, const Ledger& ledger) {
  Delivery delivery;
  delivery.subject = name_of(subject.kind());
  if (subject.kind() == SubjectKind::kBridge) {
    delivery.subject += options.bridge_defaults ? ", default settings" : ", best settings";
  }
  delivery.acknowledged = ledger.acknowledged_count();
  delivery.lost = ledger.lost();
  delivery.twice = ledger.twice();
  return delivery;
}

// Until the gateway has taken what the broker had for it; a bridge shows nothing.
void wait_taken(const Subject& subject, std::uint64_t messages) {
  if (subject.kind() == SubjectKind::kGateway) {
    (void)wait_until(
        [&] {
          const auto metrics = subject.metrics();
          return metrics && metrics->sum("sudare_local_messages_total") >= messages;
        },
        kStateMsMax);
  }
  sleep_ms(kSettleMs);
}

// The cloud goes, 5,000 readings are acknowledged, the unit is killed or not, the cloud comes back.
Parsed<Done> measure_outage(Bench& bench, SubjectOptions options, bool killed) {
  bench.progress(std::string("cloud away") + (killed ? " and kill -9: " : ": ") +
                 name_of(options.kind) + (options.bridge_defaults ? ", default settings" : ""));
  options.cloud_keeps = true;
  auto started = Subject::start(bench.options.parts, options);
  if (!started) return tl::unexpected<InputError>(started.error());
  Subject& subject = **started;
  Ledger ledger(kQueued);
  auto recipient = Recipient::start(subject.cloud(), subject.keys(),
                                    {{&bench.readings, &ledger, "readings"}}, true);
  if (!recipient) return tl::unexpected<InputError>(recipient.error());
  subject.stop_cloud();
  LoadOptions load;
  load.count = kQueued;
  auto sent = run_load(subject.local(), bench.readings, ledger, load);
  if (!sent) return tl::unexpected<InputError>(sent.error());
  wait_taken(subject, kQueued);
  if (killed) {
    subject.kill_unit();
    if (auto done = subject.start_unit(); !done) return done;
  }
  if (auto done = subject.start_cloud(); !done) return done;
  (*recipient)->wait_for(ledger, ledger.acknowledged_count(), bench.idle_ms_max());
  (*recipient)->stop();
  Delivery delivery = delivery_of(subject, options, ledger);
  delivery.scenario = killed ? "kill -9 while the cloud is away" : "cloud away";
  bench.report.deliveries.push_back(delivery);
  return Done{};
}

// Killed at full load and started again.
Parsed<Done> measure_kill(Bench& bench, const SubjectOptions& options) {
  bench.progress(std::string("kill -9 under load: ") + name_of(options.kind));
  auto started = Subject::start(bench.options.parts, options);
  if (!started) return tl::unexpected<InputError>(started.error());
  Subject& subject = **started;
  const std::uint64_t count = bench.options.quick ? kQuickUnderLoad : kUnderLoad;
  Ledger ledger(count);
  auto recipient = Recipient::start(subject.cloud(), subject.keys(),
                                    {{&bench.readings, &ledger, "readings"}}, false);
  if (!recipient) return tl::unexpected<InputError>(recipient.error());
  std::thread sending([&] {
    LoadOptions load;
    load.count = count;
    (void)run_load(subject.local(), bench.readings, ledger, load);
  });
  (*recipient)->wait_for(ledger, count / 4, bench.idle_ms_max());
  subject.kill_unit();
  const auto again = subject.start_unit();
  sending.join();
  if (!again) return again;
  (*recipient)->wait_for(ledger, ledger.acknowledged_count(), bench.idle_ms_max());
  (*recipient)->stop();
  Delivery delivery = delivery_of(subject, options, ledger);
  delivery.scenario = "kill -9 under load";
  bench.report.deliveries.push_back(delivery);
  return Done{};
}

}  // namespace

Parsed<Done> measure_delivery(Bench& bench) {
  SubjectOptions defaults;
  defaults.kind = SubjectKind::kBridge;
  defaults.bridge_defaults = true;
  SubjectOptions best;
  best.kind = SubjectKind::kBridge;
  const SubjectOptions gateway;
  for (const bool killed : {false, true}) {
    for (const SubjectOptions& options : {defaults, best, gateway}) {
      if (bench.options.quick && options.kind == SubjectKind::kBridge) continue;
      if (auto done = measure_outage(bench, options, killed); !done) return done;
    }
  }
  for (const SubjectOptions& options : {best, gateway}) {
    if (bench.options.quick && options.kind == SubjectKind::kBridge) continue;
    if (auto done = measure_kill(bench, options); !done) return done;
  }
  return Done{};
}

}  // namespace sudare::sim::bench
