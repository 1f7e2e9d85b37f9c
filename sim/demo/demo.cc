#include "sim/demo/demo.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "gateway/policy/load.h"
#include "sim/car/vehicle.h"
#include "sim/clips/clip_source.h"
#include "sim/demo/evaluate.h"
#include "sim/demo/recorder.h"
#include "sim/process/child.h"
#include "sim/process/local.h"
#include "sim/process/metrics.h"
#include "sim/process/wait.h"
#include "sim/profile.h"
#include "sim/stop.h"
#include "sim/trip/read_trips.h"
#include "sim/trip/replay_trips.h"

namespace sudare::sim {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStartMsMax = 20'000;
// How long a batch may wait: long enough to see batches, short enough to watch.
constexpr std::uint32_t kHastenedMs = 4000;
// The unit's disk is looked at while it works, too: afterwards its queue is empty.
constexpr int kStateCopies = 5;
constexpr std::int64_t kStateCopyIntervalMs = 1500;
// After the last message, without anything delivered or opened: two of the demonstration's buckets,
// and what a slow machine adds.
constexpr std::int64_t kDrainIdleMsMax = 25'000;
// Of the seconds that were asked for, these are for the drain.
constexpr double kDrainSeconds = 12;
constexpr double kDriveSecondsLeast = 3;
// A day's trips of the simulated car.
constexpr std::size_t kTrips = 3;

std::uint64_t lines_of(const fs::path& file) {
  const auto text = read_whole_file(file, std::size_t{1} << 30U);
  return text ? static_cast<std::uint64_t>(std::count(text->begin(), text->end(), '\n')) : 0;
}

// The car's trips, from files or simulated, placed so that the last message is of now.
Parsed<std::vector<Trip>> trips_of(const DemoOptions& options) {
  if (!options.trips.empty()) return read_trips(options.trips);
  DailyTrips days(default_profile(), Random(options.seed), 19'723);
  std::vector<Trip> trips;
  while (trips.size() < kTrips) trips.push_back(*days.next());
  return trips;
}

class Demo final : public Progress {
 public:
  Demo(const DemoOptions& options, Workplace place) : options_(options), place_(std::move(place)) {}

  Parsed<DemoResult> run() {
    if (auto step = start_brokers(); !step) return tl::unexpected<InputError>(step.error());
    if (auto step = read_purposes(); !step) return tl::unexpected<InputError>(step.error());
    if (auto step = start_recipients(); !step) return tl::unexpected<InputError>(step.error());
    if (auto step = start_gateway(); !step) return tl::unexpected<InputError>(step.error());
    if (auto step = drive(); !step) return tl::unexpected<InputError>(step.error());
    if (auto step = drain(); !step) return tl::unexpected<InputError>(step.error());
    stop_all();
    result_.cloud_messages = cloud_recorder_->messages();
    if (auto step = evaluate(place_, evidence_, result_); !step) {
      return tl::unexpected<InputError>(step.error());
    }
    if (options_.keep) result_.directory = place_.path();
    return result_;
  }

  void show(const RunSummary& so_far, std::int64_t /*car_time_ms*/) override {
    copy_state();
    if (options_.quiet) return;
    const SystemClock clock;
    if (clock.monotonic_ms() - shown_ms_ < 500) return;
    shown_ms_ = clock.monotonic_ms();
    const auto metrics = fetch_metrics(place_.status_port());
    std::fprintf(
        stderr,
        "\r%6llu messages from the car   %6llu rows taken   %4llu batches in the cloud   %5llu "
        "records opened ",
        static_cast<unsigned long long>(so_far.sent),
        static_cast<unsigned long long>(metrics ? metrics->sum("sudare_rows_taken_total") : 0),
        static_cast<unsigned long long>(metrics ? metrics->sum("sudare_uplink_acknowledged_total")
                                                : 0),
        static_cast<unsigned long long>(opened_lines()));
  }

 private:
  [[nodiscard]] std::uint64_t opened_lines() const {
    std::uint64_t lines = 0;
    for (const std::string& purpose : place_.purposes()) lines += opened_lines(purpose);
    return lines;
  }
  [[nodiscard]] std::uint64_t opened_lines(const std::string& purpose) const {
    return lines_of(place_.in("opened") / (purpose + ".ndjson"));
  }

  Parsed<Child*> start(const std::string& name, const std::vector<std::string>& arguments) {
    auto child = Child::start(arguments, place_.in(name + ".log"));
    if (!child) return tl::unexpected<InputError>(child.error());
    children_.push_back(std::make_unique<Child>(*std::move(child)));
    return children_.back().get();
  }

  tl::unexpected<InputError> not_ready(const std::string& what, const Child& child) const {
    if (stop_requested()) return input_error({}, 0, "stopped");
    return input_error({}, 0, what + "\n" + tail_of(child.output()));
  }

  // A recorder is the proof that its broker takes connections.
  Parsed<std::unique_ptr<Recorder>> start_broker(const std::string& name, const MqttPeer& peer) {
    auto broker = start(name, {mosquitto_program(), "-c", place_.in(name) / "broker.conf"});
    if (!broker) return tl::unexpected<InputError>(broker.error());
    std::unique_ptr<Recorder> recorder;
    const bool ready = wait_until(
        [&] {
          if (!(*broker)->running()) return true;
          auto started = Recorder::start(peer, place_.in(name + "-traffic"));
          if (started) recorder = *std::move(started);
          return recorder != nullptr;
        },
        kStartMsMax);
    if (!ready || recorder == nullptr) return not_ready(name + " does not start", **broker);
    return recorder;
  }

  Parsed<Done> start_brokers() {
    auto local = start_broker("vehicle-broker", place_.local_broker());
    if (!local) return tl::unexpected<InputError>(local.error());
    vehicle_recorder_ = *std::move(local);
    auto cloud = start_broker("cloud-broker", place_.cloud_broker("auditor"));
    if (!cloud) return tl::unexpected<InputError>(cloud.error());
    cloud_recorder_ = *std::move(cloud);
    return Done{};
  }

  Parsed<Done> read_purposes() {
    const SchemaSet schemas;
    const auto policy = load_policy_file(place_.in("policy.textproto"), schemas, nullptr).policy;
    if (policy == nullptr) return input_error({}, 0, "the policy can't be read");
    for (const PurposePlan& purpose : policy->purposes) {
      if (purpose.pseudonym == PseudonymKind::kNone) result_.without_signature.insert(purpose.name);
      if (purpose.clips) result_.clips.purpose = purpose.name;
    }
    return Done{};
  }

  // What a thief would take from the unit in mid-work: rows that wait, fragments, the journal.
  void copy_state() {
    const std::int64_t now_ms = SystemClock().monotonic_ms();
    if (copies_ == kStateCopies || now_ms - copied_ms_ < kStateCopyIntervalMs) return;
    copied_ms_ = now_ms;
    std::error_code vanished;  // a journal may go while it is copied
    fs::copy(place_.in("state"), place_.in("state-copies") / std::to_string(copies_++),
             fs::copy_options::recursive, vanished);
  }

  // They must have subscribed before the first batch: a broker keeps nothing for strangers.
  Parsed<Done> start_recipients() {
    for (const std::string& purpose : place_.purposes()) {
      std::vector<std::string> arguments = {options_.tools.sudare(),
                                            "open",
                                            "-i",
                                            place_.in("keys") / (purpose + ".key"),
                                            "--purpose",
                                            purpose,
                                            "-o",
                                            place_.in("opened"),
                                            "--report",
                                            place_.in("opened-" + purpose + ".json"),
                                            "--client-id",
                                            "demo-" + purpose};
      if (result_.without_signature.contains(purpose)) arguments.emplace_back("--unsigned");
      const auto cloud = place_.cloud_options("recipient-" + purpose);
      arguments.insert(arguments.end(), cloud.begin(), cloud.end());
      auto recipient = start("open-" + purpose, arguments);
      if (!recipient) return tl::unexpected<InputError>(recipient.error());
      const bool ready = wait_until(
          [&] {
            return !(*recipient)->running() ||
                   tail_of((*recipient)->output()).find("connected") != std::string::npos;
          },
          kStartMsMax);
      if (!ready || !(*recipient)->running()) {
        return not_ready("sudare open does not start", **recipient);
      }
    }
    return Done{};
  }

  Parsed<Done> start_gateway() {
    auto gateway =
        start("gateway", {options_.tools.gateway(), "--config", place_.in("gateway.textproto")});
    if (!gateway) return tl::unexpected<InputError>(gateway.error());
    gateway_ = *gateway;
    const bool ready = wait_until(
        [&] {
          if (!gateway_->running()) return true;
          const auto metrics = fetch_metrics(place_.status_port());
          return metrics && metrics->sum("sudare_local_connected") == 2 &&
                 metrics->sum("sudare_uplink_connected") == 1;
        },
        kStartMsMax);
    if (!ready || !gateway_->running())
      return not_ready("sudare-gateway does not start", *gateway_);
    return Done{};
  }

  Parsed<Done> drive() {
    auto trips = trips_of(options_);
    if (!trips) return tl::unexpected<InputError>(trips.error());
    const std::int64_t duration_ms = shifted_duration_ms(*trips);
    const double drive_seconds = std::max(kDriveSecondsLeast, options_.seconds - kDrainSeconds);
    Pace pace;
    pace.speed = std::max(1.0, static_cast<double>(duration_ms) / 1000 / drive_seconds);
    shift_trips(*trips, SystemClock().wall_ms() - duration_ms +
                            std::llround(static_cast<double>(duration_ms) / pace.speed));
    auto truth = TruthWriter::create(place_.in("truth.ndjson"));
    if (!truth) return tl::unexpected<InputError>(truth.error());
    const CarIdentity car = identity_of_seed(options_.seed);
    for (const Planted& planted : planted_identifiers(car)) (*truth)->planted(planted);
    v1::Profile profile = default_profile();
    // After the last trip nobody waits for a parked car.
    profile.mutable_rates()->set_parked_power_minutes(0);
    TrafficOptions traffic_options;
    traffic_options.consents = place_.purposes();
    pace.after_consents = [this] {
      (void)wait_until(
          [this] {
            const auto metrics = fetch_metrics(place_.status_port());
            return metrics &&
                   metrics->sum("sudare_local_messages_total") >= place_.purposes().size();
          },
          kStartMsMax);
    };
    ReplayTrips source(*std::move(trips));
    Traffic traffic(profile, car, source, traffic_options, Random(options_.seed));
    ClipSource with_clips(traffic, place_.in("recorder"), traffic_options.codec);
    auto summary =
        sim::run(with_clips, {place_.local_broker(), 1, {}, {}}, pace, truth->get(), this);
    if (!summary) return tl::unexpected<InputError>(summary.error());
    if (!(*truth)->close()) return input_error({}, 0, "the ground truth could not be written");
    if (stop_requested()) return input_error({}, 0, "stopped");
    result_.run = *summary;
    result_.clips.made = with_clips.made();
    result_.clips.not_made = with_clips.failed();
    return Done{};
  }

  // Until the gateway has nothing left and every recipient has opened what was delivered to it.
  Parsed<Done> drain() {
    auto evidence = read_evidence(place_);
    if (!evidence) return tl::unexpected<InputError>(evidence.error());
    evidence_ = *std::move(evidence);
    std::optional<Metrics> last;
    const bool drained = wait_for_none(
        [&] {
          show(result_.run, 0);
          auto metrics = fetch_metrics(place_.status_port());
          if (!metrics) return gateway_->running() ? kLeftUnknown : 0;
          last = *std::move(metrics);
          return left_to_drain(*last);
        },
        kDrainIdleMsMax);
    if (!options_.quiet) std::fprintf(stderr, "\r%100s\r", "");
    if (stop_requested()) return input_error({}, 0, "stopped");
    if (!last || !gateway_->running()) return not_ready("sudare-gateway ended", *gateway_);
    if (!drained) std::fprintf(stderr, "not everything was delivered and opened in time\n");
    take_account(*last);
    return Done{};
  }

  [[nodiscard]] std::uint64_t left_to_drain(const Metrics& metrics) const {
    std::uint64_t left = left_of(result_.run.sent, vehicle_recorder_->messages()) +
                         left_of(evidence_.subscribed, metrics.sum("sudare_local_messages_total")) +
                         metrics.sum("sudare_rows", {{"fate", "queued"}});
    for (const std::string& purpose : place_.purposes()) {
      // A clip's rows are its pieces.
      const std::uint64_t delivered =
          purpose == result_.clips.purpose
              ? result_.clips.made
              : metrics.sum("sudare_rows", {{"purpose", purpose}, {"fate", "delivered"}});
      left += left_of(delivered, opened_lines(purpose));
    }
    return left;
  }

  void take_account(const Metrics& metrics) {
    for (const std::string& purpose : metrics.values_of("sudare_rows_taken_total", "purpose")) {
      PurposeAccount& account = result_.account[purpose];
      account.taken = metrics.sum("sudare_rows_taken_total", {{"purpose", purpose}});
      for (const std::string& fate : metrics.values_of("sudare_rows", "fate")) {
        account.fates[fate] = metrics.sum("sudare_rows", {{"purpose", purpose}, {"fate", fate}});
      }
    }
    result_.batches = metrics.sum("sudare_uplink_acknowledged_total");
    result_.bytes_in = metrics.sum("sudare_local_payload_bytes_total");
    result_.bytes_uplink = metrics.sum("sudare_uplink_bytes_total");
  }

  void stop_all() {
    gateway_->stop(3000);
    vehicle_recorder_->stop();
    cloud_recorder_->stop();
    for (auto child = children_.rbegin(); child != children_.rend(); ++child) (*child)->stop(3000);
    for (const auto& child : children_) {
      if (child->stop(0) != 0) ++result_.failed_programs;
    }
    result_.recorded = !vehicle_recorder_->broken() && !cloud_recorder_->broken();
  }

  const DemoOptions& options_;
  Workplace place_;
  std::vector<std::unique_ptr<Child>> children_;
  std::unique_ptr<Recorder> vehicle_recorder_;
  std::unique_ptr<Recorder> cloud_recorder_;
  Child* gateway_ = nullptr;
  std::int64_t shown_ms_ = 0;
  std::int64_t copied_ms_ = 0;
  int copies_ = 0;
  Evidence evidence_;
  DemoResult result_;
};

}  // namespace

bool PurposeAccount::adds_up() const {
  std::uint64_t sum = 0;
  for (const auto& [fate, rows] : fates) sum += rows;
  return sum == taken;
}

Parsed<DemoResult> run_demo(const DemoOptions& options) {
  auto place =
      Workplace::make(options.tools, identity_of_seed(options.seed), kHastenedMs, options.keep);
  if (!place) return tl::unexpected<InputError>(place.error());
  return Demo(options, *std::move(place)).run();
}

}  // namespace sudare::sim
