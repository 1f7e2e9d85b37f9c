#include "sim/bench/round.h"

#include <atomic>
#include <cmath>
#include <thread>

#include "sim/process/wait.h"

namespace sudare::sim::bench {

namespace {

constexpr std::int64_t kSampleMs = 100;
// An hour of emergencies at the rate that is used.
constexpr std::uint64_t kEmergenciesMax = 100'000;

Usage difference(const Usage& after, const Usage& before) {
  Usage usage = after;
  usage.user_seconds -= before.user_seconds;
  usage.system_seconds -= before.system_seconds;
  usage.disk_bytes -= before.disk_bytes;
  return usage;
}

// Emergencies, sent beside the readings until it ends.
class EmergencyLoad {
 public:
  EmergencyLoad(const Broker& broker, Series& series, Ledger& ledger, double per_second) {
    if (per_second <= 0) return;
    thread_ = std::thread([this, &broker, &series, &ledger, per_second] {
      LoadOptions options;
      options.count = ledger.size();
      options.per_second = per_second;
      options.stop = [this] { return stop_.load(); };
      if (auto result = run_load(broker, series, ledger, options)) sent_ = result->sent;
    });
  }
  ~EmergencyLoad() { (void)sent(); }
  EmergencyLoad(const EmergencyLoad&) = delete;
  EmergencyLoad& operator=(const EmergencyLoad&) = delete;
  // Ends it.
  std::uint64_t sent() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return sent_;
  }

 private:
  std::atomic<bool> stop_ = false;
  std::uint64_t sent_ = 0;
  std::thread thread_;
};

std::uint64_t altered_in(const Ledger& ledger, Series& readings) {
  std::uint64_t altered = 0;
  for (const auto& [number, payload] : ledger.samples()) {
    if (!readings.same_position(number, payload)) ++altered;
  }
  return altered;
}

std::string void_reason_of(const Round& round, const Recipient& recipient, const Ledger& ledger) {
  if (round.opened < round.sent) return "not every reading was opened";
  if (round.lost > 0) return "not every emergency was opened";
  if (round.twice > 0) return "readings came twice";
  if (round.altered > 0) return "readings were altered";
  if (recipient.failures() > 0) return "a batch could not be opened";
  if (ledger.strangers() > 0) return "something came that was not sent";
  return {};
}

}  // namespace

Latency latency_of(const std::vector<double>& rising) {
  return {quantile(rising, 0.5), quantile(rising, 0.99), quantile(rising, 0.999), rising.size()};
}

double Round::cpu_us_per_reading() const {
  if (opened == 0) return 0;
  return (broker.cpu_seconds() + gateway.cpu_seconds()) * 1e6 / static_cast<double>(opened);
}

namespace {

// What the subject has used so far; all 0 for a unit elsewhere.
struct Meter {
  Usage broker;
  Usage gateway;
  Usage cloud;
  PortBytes uplink;
};

Parsed<Meter> read_meter(const Subject* subject) {
  if (subject == nullptr) return Meter{};
  const auto uplink = subject->uplink();
  if (!uplink) {
    return input_error({}, 0, "the kernel does not tell how many bytes a connection carried",
                       "modprobe tcp_diag; where that is refused (a container, an emulator), "
                       "measure a unit that is already there: --local-broker, --cloud-broker");
  }
  return Meter{subject->broker_usage(), subject->gateway_usage(), subject->cloud_usage(), *uplink};
}

void add_usage(Round& round, const Meter& before, const Meter& after) {
  round.broker = difference(after.broker, before.broker);
  round.gateway = difference(after.gateway, before.gateway);
  round.cloud = difference(after.cloud, before.cloud);
  round.uplink = {after.uplink.received - before.uplink.received,
                  after.uplink.sent - before.uplink.sent};
}

}  // namespace

double Round::uplink_bytes_per_reading() const {
  return opened == 0 ? 0 : static_cast<double>(uplink.received) / static_cast<double>(opened);
}

Path path_of(const Subject& subject) {
  return {&subject.local(), &subject.cloud(), subject.keys(), &subject, name_of(subject.kind())};
}

Parsed<Round> run_round(const Path& path, Series& readings, Series& emergencies,
                        const RoundOptions& options) {
  Ledger ledger(options.readings);
  Ledger urgent(options.emergencies_per_second > 0 ? kEmergenciesMax : 0);
  auto started = Recipient::start(
      *path.cloud, path.keys,
      {{&readings, &ledger, "readings"}, {&emergencies, &urgent, "emergency"}}, false);
  if (!started) return tl::unexpected<InputError>(started.error());
  Recipient& recipient = **started;
  if (options.per_second == 0 && options.emergencies_per_second == 0) recipient.take_together();
  const auto before = read_meter(path.subject);
  if (!before) return tl::unexpected<InputError>(before.error());
  const double recipient_before = recipient.cpu_seconds();
  MemoryWatch memory(path.subject, kSampleMs);
  EmergencyLoad emergencies_load(*path.local, emergencies, urgent, options.emergencies_per_second);
  LoadOptions load;
  load.count = options.readings;
  load.per_second = options.per_second;
  auto sent = run_load(*path.local, readings, ledger, load);
  if (!sent) return tl::unexpected<InputError>(sent.error());
  const std::uint64_t urgent_sent = emergencies_load.sent();
  recipient.wait_for(ledger, sent->sent, options.idle_ms_max);
  recipient.wait_for(urgent, urgent_sent, options.idle_ms_max);
  const auto after = read_meter(path.subject);
  if (!after) return tl::unexpected<InputError>(after.error());

  Round round;
  round.subject = path.name;
  add_usage(round, *before, *after);
  round.memory = memory.samples();
  const double recipient_cpu = recipient.cpu_seconds() - recipient_before;
  recipient.stop();
  round.sent = sent->sent;
  round.opened = ledger.opened_count();
  round.lost = ledger.lost() + urgent.lost();
  round.twice = ledger.twice() + urgent.twice();
  round.altered = altered_in(ledger, readings);
  round.seconds = static_cast<double>(ledger.last_opened_ns() - ledger.first_sent_ns()) / 1e9;
  round.per_second = static_cast<double>(round.opened) / round.seconds;
  round.load_cpu_share = sent->cpu_seconds / sent->seconds;
  round.recipient_cpu_share = recipient_cpu / round.seconds;
  round.payload_bytes = readings.mean_bytes() * static_cast<double>(round.opened);
  round.latency = latency_of(ledger.latencies_ms());
  round.emergency_ms = urgent.latencies_ms();
  round.void_reason = void_reason_of(round, recipient, ledger);
  return round;
}

}  // namespace sudare::sim::bench
