// Australia, 2019: systems are down for days. The cloud goes away, the unit loses power again and
// again, the queue gets full; then everything comes back. What was acknowledged to the car must
// have arrived or stand in the account. The control is a Mosquitto bridge with its own settings.
#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/limits.h"
#include "crypto/crypto_init.h"
#include "fleet/cli/keys.h"
#include "sim/bench/load.h"
#include "sim/bench/recipient.h"
#include "sim/bench/subject.h"
#include "sim/compare/opened.h"
#include "sim/drill/drills.h"
#include "sim/process/child.h"
#include "sim/process/wait.h"
#include "sim/stop.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;
using bench::Ledger;
using bench::LoadOptions;
using bench::Series;
using bench::Subject;

constexpr const char* kPurpose = "readings";
constexpr std::uint64_t kQuotaBytes = 2 * 1024 * 1024;
constexpr std::uint64_t kReadingsMax = 400'000;
constexpr std::int64_t kFirstMs = 1'700'000'000'000;
constexpr std::size_t kPool = 2000;
constexpr std::int64_t kStateMsMax = 60'000;
constexpr std::int64_t kStopMsMax = 10'000;
// In which unit and recipient do something, were there something to do; and how often they may.
constexpr std::int64_t kStillMs = 3000;
constexpr int kStillTurnsMax = 100;
// A bridge tries again every second; its recipient, with pauses.
constexpr std::int64_t kBridgeIdleMs = 5000;

struct Plan {
  std::uint64_t power_cuts = 20;
  std::uint64_t per_cut = 3000;   // readings between two of them
  std::uint64_t behind = 40'000;  // when the queue is full
};

Plan plan_of(const DrillOptions& options) {
  if (!options.quick) return {};
  return {5, 2000, 20'000};
}

struct Outcome {
  std::uint64_t acknowledged = 0;
  std::uint64_t arrived = 0;      // different readings
  std::uint64_t lost = 0;         // acknowledged, never arrived
  std::uint64_t told = 0;         // records that the recipient was told of as given up
  std::uint64_t told_late = 0;    // of these, those that arrived all the same
  std::uint64_t unaccounted = 0;  // what none of these explains
  std::uint64_t evicted = 0;      // rows of the unit's account
};

tl::unexpected<InputError> not_so(const std::string& text) {
  return input_error({}, 0, stop_requested() ? "stopped" : text);
}

class GatewayOutage {
 public:
  GatewayOutage(const DrillOptions& options, const fs::path& directory, Subject& subject,
                Series& series)
      : options_(options),
        plan_(plan_of(options)),
        directory_(directory),
        subject_(subject),
        series_(series),
        ledger_(kReadingsMax) {}

  Parsed<Outcome> run() {
    for (const auto& step :
         {&GatewayOutage::write_key, &GatewayOutage::start_recipient,
          &GatewayOutage::cut_power_again_and_again, &GatewayOutage::fill_the_queue,
          &GatewayOutage::come_back, &GatewayOutage::settle}) {
      if (auto done = (this->*step)(); !done) return tl::unexpected<InputError>(done.error());
    }
    return outcome();
  }

 private:
  [[nodiscard]] fs::path lines() const { return directory_ / "opened/readings.ndjson"; }

  [[nodiscard]] fs::path key() const { return directory_ / "readings.key"; }

  Parsed<Done> write_key() {
    const auto made = cli::create_key_file(key(), subject_.keys()->at(kPurpose).front(), kPurpose);
    if (!made) return input_error(made.error(), "a key file");
    return Done{};
  }

  // The broker keeps what it misses. It is started again with the cloud: it would try again by
  // itself, with pauses of up to half a minute.
  Parsed<Done> start_recipient() {
    const std::uint16_t port = subject_.cloud().peer.endpoint.port;
    auto child =
        Child::start({options_.tools.sudare(), "open", "-i", key(), "--purpose", kPurpose, "--mqtt",
                      "mqtt://127.0.0.1:" + std::to_string(port), "--client-id", "drill", "-o",
                      directory_ / "opened", "--report", directory_ / "report.json"},
                     directory_ / ("open-" + std::to_string(starts_++) + ".log"));
    if (!child) return tl::unexpected<InputError>(child.error());
    recipient_ = std::make_unique<Child>(*std::move(child));
    const bool ready = wait_until(
        [&] { return tail_of(recipient_->output()).find("connected") != std::string::npos; },
        kStateMsMax);
    if (!ready) return not_so("sudare open does not start\n" + tail_of(recipient_->output()));
    return Done{};
  }

  Parsed<Done> send(std::uint64_t count) {
    LoadOptions load;
    load.first = sent_;
    load.count = count;
    auto done = bench::run_load(subject_.local(), series_, ledger_, load);
    if (!done) return tl::unexpected<InputError>(done.error());
    sent_ += count;
    return done->broken ? Parsed<Done>(not_so("the in-vehicle broker went away")) : Done{};
  }

  [[nodiscard]] std::uint64_t evicted() const {
    const auto now = subject_.metrics();
    return now ? now->sum("sudare_rows", {{"fate", "evicted"}}) : 0;
  }
  [[nodiscard]] std::uint64_t taken() const {
    const auto now = subject_.metrics();
    return now ? now->sum("sudare_rows_taken_total") : 0;
  }
  [[nodiscard]] std::uint64_t queued() const {
    const auto now = subject_.metrics();
    return now ? now->sum("sudare_rows", {{"fate", "queued"}}) : kLeftUnknown;
  }

  // Lines that the recipient has written; reads what is new.
  std::uint64_t opened() {
    std::ifstream file(lines(), std::ios::binary);
    file.seekg(opened_bytes_);
    std::array<char, 65536> some{};
    while (file.read(some.data(), some.size()), file.gcount() > 0) {
      opened_bytes_ += file.gcount();
      opened_lines_ +=
          static_cast<std::uint64_t>(std::count(some.data(), some.data() + file.gcount(), '\n'));
    }
    return opened_lines_;
  }

  // The unit is killed in the midst of what it takes.
  Parsed<Done> cut_power_again_and_again() {
    recipient_->stop(kStopMsMax);
    subject_.stop_cloud();
    for (std::uint64_t cut = 0; cut < plan_.power_cuts; ++cut) {
      options_.progress("cloud away, power cut " + std::to_string(cut + 1));
      const std::uint64_t before = taken();
      Parsed<Done> sent = Done{};
      std::thread load([&] { sent = send(plan_.per_cut); });
      (void)wait_until([&] { return taken() > before; }, kStateMsMax);
      subject_.kill_unit();
      const auto again = subject_.start_unit();
      load.join();
      if (!sent) return sent;
      if (!again) return again;
      if (!wait_until([&] { return taken() > before; }, kStateMsMax)) {
        return not_so("sudare-gateway does not start again");
      }
    }
    return Done{};
  }

  Parsed<Done> fill_the_queue() {
    options_.progress("filling the queue");
    while (evicted() == 0) {
      if (sent_ + plan_.per_cut > kReadingsMax) return not_so("the queue does not get full");
      if (auto done = send(plan_.per_cut); !done) return done;
      (void)wait_until([&] { return taken() + plan_.per_cut / 2 >= sent_; }, kStateMsMax);
    }
    if (auto done = send(std::min(plan_.behind, kReadingsMax - sent_)); !done) return done;
    subject_.kill_unit();
    return subject_.start_unit();
  }

  Parsed<Done> come_back() {
    options_.progress("the cloud is back");
    if (auto done = subject_.start_cloud(); !done) return done;
    if (auto done = start_recipient(); !done) return done;
    // A page that does not answer is more than was ever left.
    const auto left = [&] {
      const std::uint64_t rows = queued();
      return rows == kLeftUnknown ? rows : rows + left_of(ledger_.acknowledged_count(), taken());
    };
    return wait_for_none(left, kStateMsMax) ? Parsed<Done>(Done{})
                                            : not_so("the unit does not deliver what it holds");
  }

  // Until nothing is queued and no more is taken or opened. What the in-vehicle broker sends again
  // was acknowledged before, and what was evicted on its way is not among the delivered: no count
  // says when all of either has come.
  Parsed<Done> until_still() {
    for (int turn = 0; turn < kStillTurnsMax && !stop_requested(); ++turn) {
      const std::uint64_t before = taken() + opened();
      (void)wait_until([] { return false; }, kStillMs);
      if (queued() == 0 && taken() + opened() == before) return Done{};
    }
    return not_so("the unit does not come to rest");
  }

  Parsed<Done> settle() {
    if (auto done = until_still(); !done) return done;
    const auto now = subject_.metrics();
    if (!now) return not_so("sudare-gateway does not answer");
    for (const std::string& fate : now->values_of("sudare_rows", "fate")) {
      account_[fate] = now->sum("sudare_rows", {{"purpose", kPurpose}, {"fate", fate}});
    }
    taken_ = now->sum("sudare_rows_taken_total", {{"purpose", kPurpose}});
    const auto left = [&] { return left_of(account_["delivered"], opened()); };
    (void)wait_for_none(left, kStateMsMax);  // what it does not open is a finding
    auto done = until_still();
    recipient_->stop(kStopMsMax);
    return done;
  }

  // Arrived, or told of as given up; and every record that arrived or was told of is a row of the
  // account, once: what was evicted on its way and arrived is among the evicted. Readings that the
  // in-vehicle broker sent again are records more: where such were evicted, as many lost readings
  // would not show here, but in ./dev faults.
  Parsed<Outcome> outcome() {
    const auto text = read_whole_file(directory_ / "report.json", kOperatorFileBytesMax);
    if (!text) return tl::unexpected<InputError>(text.error());
    const auto report = nlohmann::json::parse(*text, nullptr, false);
    std::vector<OpenedRecord> records;
    if (auto done = read_opened(lines(), records); !done) {
      return tl::unexpected<InputError>(done.error());
    }
    for (const OpenedRecord& record : records) {
      const auto number = series_.number_of(record.payload);
      if (number && *number < sent_) ledger_.open(*number, 1, record.payload);
    }
    std::uint64_t sum = 0;
    for (const auto& [fate, count] : account_) sum += count;
    Outcome result;
    result.acknowledged = ledger_.acknowledged_count();
    result.arrived = ledger_.opened_count();
    result.lost = ledger_.lost();
    result.evicted = account_["evicted"];
    for (const auto& [reason, count] : report.at("reported_missing").items()) {
      result.told += count.get<std::uint64_t>();
    }
    result.told_late = report.at("missing_arrived").get<std::uint64_t>();
    std::uint64_t gaps = 0;
    for (const auto& gap : report.at("gaps")) gaps += gap.at("record_count").get<std::uint64_t>();
    const auto apart = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; };
    result.unaccounted = left_of(result.lost + result.told_late, result.told);
    result.unaccounted += gaps + apart(sum, taken_) + apart(result.told, result.evicted) +
                          apart(records.size(), account_["delivered"] + result.told_late);
    return result;
  }

  const DrillOptions& options_;
  Plan plan_;
  fs::path directory_;
  Subject& subject_;
  Series& series_;
  Ledger ledger_;
  std::unique_ptr<Child> recipient_;
  int starts_ = 0;
  std::uint64_t sent_ = 0;
  std::map<std::string, std::uint64_t> account_;
  std::uint64_t taken_ = 0;
  std::streamoff opened_bytes_ = 0;
  std::uint64_t opened_lines_ = 0;
};

// The same of a bridge, gentler: its power fails only when nothing is on its way.
Parsed<Outcome> bridge_outage(const DrillOptions& options, Subject& subject, Series& series) {
  const Plan plan = plan_of(options);
  Ledger ledger(kReadingsMax);
  auto recipient =
      bench::Recipient::start(subject.cloud(), nullptr, {{&series, &ledger, kPurpose}}, true);
  if (!recipient) return tl::unexpected<InputError>(recipient.error());
  subject.stop_cloud();
  std::uint64_t sent = 0;
  const auto send = [&](std::uint64_t count) -> Parsed<Done> {
    LoadOptions load;
    load.first = sent;
    load.count = count;
    const auto done = bench::run_load(subject.local(), series, ledger, load);
    if (!done) return tl::unexpected<InputError>(done.error());
    sent += count;
    return Done{};
  };
  for (std::uint64_t cut = 0; cut < plan.power_cuts; ++cut) {
    options.progress("the control, power cut " + std::to_string(cut + 1));
    if (auto done = send(plan.per_cut); !done) return tl::unexpected<InputError>(done.error());
    subject.kill_unit();
    if (auto done = subject.start_unit(); !done) return tl::unexpected<InputError>(done.error());
  }
  if (auto done = send(plan.per_cut); !done) return tl::unexpected<InputError>(done.error());
  if (auto done = subject.start_cloud(); !done) return tl::unexpected<InputError>(done.error());
  (*recipient)->wait_for(ledger, ledger.acknowledged_count(), kBridgeIdleMs);
  (*recipient)->stop();
  Outcome result;
  result.acknowledged = ledger.acknowledged_count();
  result.arrived = ledger.opened_count();
  result.lost = result.unaccounted = ledger.lost();
  return result;
}

// A directory of its own, removed with it.
class Scratch {
 public:
  explicit Scratch(bool keep) : keep_(keep) {
    std::string shape = fs::temp_directory_path() / "sudare-drill-XXXXXX";
    if (mkdtemp(shape.data()) != nullptr) path_ = shape;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!keep_ && !path_.empty()) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool keep_;
};

}  // namespace

Parsed<DrillReport> outage(const DrillOptions& options) {
  if (const auto ready = crypto_init(); !ready) return input_error(ready.error(), "libsodium");
  const Scratch scratch(options.keep);
  if (scratch.path().empty()) return input_error(scratch.path(), 0, "can't be made");
  options.progress("a unit between two brokers");
  Series series = Series::positions(PayloadCodec::kJson, options.seed, kFirstMs, kPool);
  bench::Parts parts;
  parts.programs = options.tools.programs;
  parts.policy = options.tools.deploy / "policies/bench.textproto";
  parts.directory = scratch.path();
  bench::SubjectOptions unit;
  unit.cloud_keeps = true;
  unit.quota_bytes = kQuotaBytes;
  auto gateway = Subject::start(parts, unit);
  if (!gateway) return tl::unexpected<InputError>(gateway.error());
  const auto sealed = GatewayOutage(options, scratch.path(), **gateway, series).run();
  if (!sealed) return tl::unexpected<InputError>(sealed.error());
  gateway->reset();
  bench::SubjectOptions usual;
  usual.kind = bench::SubjectKind::kBridge;
  usual.bridge_defaults = true;
  usual.cloud_keeps = true;
  auto bridge = Subject::start(parts, usual);
  if (!bridge) return tl::unexpected<InputError>(bridge.error());
  const auto raw = bridge_outage(options, **bridge, series);
  if (!raw) return tl::unexpected<InputError>(raw.error());

  const Plan plan = plan_of(options);
  const auto text = [](std::uint64_t number) { return std::to_string(number); };
  DrillReport report;
  report.name = "outage";
  report.given = {"no attacker: the cloud is away, " + text(plan.power_cuts) +
                      " power cuts (kill -9) under load,",
                  "a queue of " + text(kQuotaBytes >> 20U) + " MiB that gets full, one more cut"};
  report.control = "a Mosquitto bridge with its own settings; power cuts between messages only";
  report.figures = {
      {"acknowledged readings neither arrived nor accounted for", Must::kNothing,
       sealed->unaccounted, sealed->acknowledged, raw->unaccounted, raw->acknowledged, 1},
      {"of what the full queue gave up, told to the recipient", Must::kNoticed, sealed->told,
       sealed->evicted, 0, raw->lost}};
  report.notes = {"Of " + text(sealed->acknowledged) + " readings " + text(sealed->arrived) +
                      " arrived; " + text(sealed->lost) + " did not, and " + text(sealed->told) +
                      " records were told as evicted, by number; " + text(sealed->told_late) +
                      " of these were on their way and arrived.",
                  "Of the bridge's " + text(raw->acknowledged) + " readings " + text(raw->arrived) +
                      " arrived; nobody is told of the others."};
  if (options.keep) report.left_in = {scratch.path()};
  return report;
}

}  // namespace sudare::sim::drill
