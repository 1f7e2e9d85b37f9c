#include "sim/fleet/fleet.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <queue>

#include "base/log.h"
#include "crypto/secret_bytes.h"
#include "sim/compare/expected.h"
#include "sim/fleet/descriptors.h"
#include "sim/stop.h"

namespace sudare::sim::fleet {

namespace {

// One turn of simulated driving before the network is looked at again.
constexpr std::int64_t kTurnMs = 5;
// How far a car goes ahead at once when time runs as fast as it can: cars don't meet, and a car
// that stays in the processor's cache for some messages costs half.
constexpr std::int64_t kAheadMs = 10'000;
// The longest wait for the network, so that simulated time goes on smoothly.
constexpr int kPollMsMax = 20;
// As fast as it goes means as fast as the other end takes: so many batches under way, and so many
// cars without connection, hold simulated time back ...
constexpr std::uint64_t kUnderWayMax = 500;
constexpr std::size_t kWaitingMax = 2 * kConnectingMax;
// ... until nothing has moved for so long: what is missing then is lost, or comes later.
constexpr std::int64_t kHoldMsMax = 3000;
// Nothing arrives any more.
constexpr std::int64_t kStallMs = 15'000;
constexpr std::int64_t kStopMsMax = 20'000;
// After the last record: what comes twice comes soon.
constexpr std::int64_t kQuietMs = 300;
constexpr std::int64_t kConnectMsMax = 15'000;
constexpr std::int64_t kProgressMs = 250;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t peak_resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

class Fleet {
 public:
  Fleet(const FleetPlan& plan, const ShowFleetProgress& show, Broker broker)
      : plan_(plan),
        show_(show),
        broker_(std::move(broker)),
        end_ms_(plan.start_ms + plan.duration_ms),
        preview_keys_(*plan.keys.policy),
        roads_(network_shape(plan.profile), Random(plan.seed)),
        cars_plan_{plan.profile,
                   *plan.keys.policy,
                   preview_keys_,
                   roads_,
                   traffic_of(*plan.keys.policy, end_ms_),
                   plan.seed,
                   plan.start_ms,
                   plan.together_seconds,
                   nullptr},
        reckoning_(*plan.keys.policy, plan.shards > 1) {}

  Parsed<FleetSummary> run();

 private:
  static TrafficOptions traffic_of(const Policy& policy, std::int64_t end_ms) {
    TrafficOptions traffic;
    traffic.end_ms = end_ms;
    for (const PurposePlan& purpose : policy.purposes) traffic.consents.push_back(purpose.name);
    return traffic;
  }

  Parsed<Done> make_cars();
  Parsed<Done> open_truth();
  [[nodiscard]] std::vector<CarNumber> canary_numbers() const;
  Parsed<Done> connect(std::size_t open_max);
  void drive();
  void drain();
  [[nodiscard]] bool held_back();
  // Lets cars run until `until_ms` of simulated time, for one turn.
  void simulate(std::int64_t until_ms);
  void run_car(std::size_t car, std::int64_t until_ms);
  void serve(int timeout_ms);
  void show(const char* phase);
  [[nodiscard]] std::uint64_t undelivered() const;
  [[nodiscard]] FleetSummary summary();

  [[nodiscard]] std::int64_t now_ms() const { return clock_.monotonic_ms(); }

  const FleetPlan& plan_;
  const ShowFleetProgress& show_;
  const SystemClock clock_;
  Broker broker_;
  std::int64_t end_ms_;  // simulated
  AnyFieldKeys preview_keys_;
  RoadNetwork roads_;
  CarPlan cars_plan_;
  Reckoning reckoning_;
  std::unique_ptr<TruthWriter> truth_;
  std::vector<std::unique_ptr<Car>> cars_;
  std::optional<Canaries> canaries_;
  std::optional<ReceivingSide> receiving_;
  std::unique_ptr<Connections> connections_;
  // When each car has something to do, in simulated time.
  using Wake = std::pair<std::int64_t, std::size_t>;
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  std::uint64_t messages_ = 0;
  std::int64_t simulated_ms_ = 0;  // since the start
  std::int64_t started_ms_ = 0;
  std::int64_t driving_since_ms_ = 0;
  std::uint64_t moved_ = 0;  // acknowledgements, arrivals and connections, as last seen
  std::int64_t moved_ms_ = 0;
  std::uint64_t forgiven_ = 0;  // under way when nothing moved
  std::int64_t shown_ms_ = 0;
};

std::vector<CarNumber> Fleet::canary_numbers() const {
  std::vector<CarNumber> numbers;
  const std::size_t count = std::min<std::size_t>(plan_.canaries, cars_.size());
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(plan_.shard +
                      static_cast<CarNumber>(i * cars_.size() / count) * plan_.shards);
  }
  return numbers;
}

tl::unexpected<InputError> stopped_early() {
  return input_error({}, 0, "stopped before the fleet was ready");
}

Parsed<Done> Fleet::make_cars() {
  for (CarNumber number = plan_.shard; number < plan_.cars; number += plan_.shards) {
    if (stop_requested()) return stopped_early();
    auto car = Car::create(cars_plan_, number, reckoning_);
    if (!car) return input_error(car.error(), "a simulated car can't be made");
    cars_.push_back(*std::move(car));
    wakes_.emplace(std::min(cars_.back()->wake_ms(), end_ms_), cars_.size() - 1);
    show("making cars");
  }
  return Done{};
}

Parsed<Done> Fleet::open_truth() {
  if (plan_.truth_file.empty()) return Done{};
  auto truth = TruthWriter::create(plan_.truth_file);
  if (!truth) return tl::unexpected<InputError>(truth.error());
  truth_ = *std::move(truth);
  cars_plan_.truth = truth_.get();
  return Done{};
}

// The broker is there, and the receiving side has its subscription, before any car drives.
Parsed<Done> Fleet::connect(std::size_t open_max) {
  auto connections = Connections::create(broker_, cars_, open_max);
  if (!connections) return input_error(connections.error(), "the fleet's connections");
  connections_ = *std::move(connections);
  if (!plan_.receive) return Done{};
  canaries_.emplace(cars_plan_, canary_numbers());
  receiving_.emplace(plan_.keys, reckoning_, *canaries_);
  connections_->receive(*receiving_);
  const std::int64_t until_ms = now_ms() + kConnectMsMax;
  while (!receiving_->subscribed()) {
    if (stop_requested()) return stopped_early();
    if (now_ms() > until_ms) {
      return input_error({}, 0, "the cloud broker takes no subscription to sudare/1/#",
                         "check address, certificates and its access control");
    }
    serve(kPollMsMax);
  }
  return Done{};
}

Parsed<FleetSummary> Fleet::run() {
  log_setup(LogFormat::kText, LogLevel::kError);  // a unit's daily life is no news here
  started_ms_ = moved_ms_ = now_ms();
  const std::size_t mine = (plan_.cars - plan_.shard + plan_.shards - 1) / plan_.shards;
  const auto open_max = descriptors_for_cars(mine, plan_.together_seconds.has_value());
  if (!open_max) return tl::unexpected<InputError>(open_max.error());
  if (auto done = open_truth(); !done) return tl::unexpected<InputError>(done.error());
  if (auto done = make_cars(); !done) return tl::unexpected<InputError>(done.error());
  if (auto done = connect(*open_max); !done) return tl::unexpected<InputError>(done.error());
  driving_since_ms_ = now_ms();
  drive();
  drain();
  for (const auto& car : cars_) car->settle();
  if (truth_ && !truth_->close()) {
    return input_error(plan_.truth_file, 0, "not everything could be written", "is the disk full?");
  }
  return summary();
}

// --- driving

void Fleet::drive() {
  while (!wakes_.empty()) {
    const bool hurry = plan_.speed <= 0 || stop_requested();
    std::int64_t until_ms = end_ms_;
    if (!hurry) {
      const double passed_ms = static_cast<double>(now_ms() - driving_since_ms_) * plan_.speed;
      until_ms = std::min<std::int64_t>(until_ms, plan_.start_ms + std::llround(passed_ms));
    }
    if (hurry && !stop_requested() && held_back()) {
      serve(kPollMsMax);
    } else {
      simulate(until_ms);
      const bool more = !wakes_.empty() && (hurry || wakes_.top().first <= until_ms);
      serve(more ? 0 : kPollMsMax);
    }
    show("driving");
  }
}

bool Fleet::held_back() {
  const std::uint64_t sent = connections_->links().published;
  const std::uint64_t arrived =
      receiving_ ? receiving_->counts().messages : connections_->links().acknowledged;
  const std::uint64_t under_way = sent - std::min(sent, arrived + forgiven_);
  if (under_way < kUnderWayMax && connections_->waiting() < kWaitingMax) return false;
  if (now_ms() - moved_ms_ < kHoldMsMax) return true;
  forgiven_ = sent - std::min(sent, arrived);
  return false;
}

void Fleet::simulate(std::int64_t until_ms) {
  const std::int64_t turn_ends_ms = now_ms() + kTurnMs;
  while (!wakes_.empty() && wakes_.top().first <= until_ms && now_ms() < turn_ends_ms) {
    const auto [wake_ms, car] = wakes_.top();
    wakes_.pop();
    simulated_ms_ = std::max(simulated_ms_, wake_ms - plan_.start_ms);
    run_car(car, plan_.speed > 0 ? until_ms : std::min(until_ms, wake_ms + kAheadMs));
  }
}

void Fleet::run_car(std::size_t number, std::int64_t until_ms) {
  Car& car = *cars_[number];
  const std::uint64_t before = car.counts().messages;
  if (!stop_requested()) car.run(until_ms);
  messages_ += car.counts().messages - before;
  if (until_ms >= end_ms_ || stop_requested()) {
    car.finish();
  } else {
    wakes_.emplace(std::min(car.wake_ms(), end_ms_), number);
  }
  connections_->update(number);
}

// --- the end

std::uint64_t Fleet::undelivered() const {
  return std::accumulate(
      cars_.begin(), cars_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const auto& car) { return sum + car->outbox().undelivered(); });
}

void Fleet::drain() {
  const std::int64_t began_ms = moved_ms_ = now_ms();
  for (;;) {
    serve(kPollMsMax);
    const std::int64_t now = now_ms();
    const bool all = undelivered() == 0 && (!receiving_ || reckoning_.outstanding() == 0);
    if (all && now - moved_ms_ >= kQuietMs) return;
    if (now - moved_ms_ >= kStallMs) return;
    if (stop_requested() && now - began_ms >= kStopMsMax) return;
    show("delivering");
  }
}

void Fleet::serve(int timeout_ms) {
  connections_->serve(timeout_ms, now_ms());
  const std::uint64_t moved = connections_->links().acknowledged + connections_->counts().connects +
                              (receiving_ ? receiving_->counts().messages : 0);
  if (moved == moved_) return;
  moved_ = moved;
  moved_ms_ = now_ms();
}

void Fleet::show(const char* phase) {
  if (!show_ || now_ms() - shown_ms_ < kProgressMs) return;
  shown_ms_ = now_ms();
  FleetProgress progress;
  progress.phase = phase;
  progress.cars = static_cast<std::uint32_t>(cars_.size());
  progress.simulated_ms = simulated_ms_;
  progress.messages = messages_;
  if (connections_) {
    progress.connected = connections_->counts().connected;
    progress.delivered = connections_->links().acknowledged;
  }
  progress.outstanding = receiving_ ? reckoning_.outstanding() : 0;
  show_(progress);
}

FleetSummary Fleet::summary() {
  FleetSummary summary;
  summary.cars = static_cast<std::uint32_t>(cars_.size());
  for (const auto& car : cars_) {
    summary.sent += car->counts();
    const Account account = car->account();
    summary.account += account.total();
    summary.account_adds_up = summary.account_adds_up && account.adds_up();
  }
  summary.connections = connections_->counts();
  summary.links = connections_->links();
  summary.undelivered_rows = undelivered();
  summary.received = receiving_.has_value();
  if (receiving_) {
    summary.receiving = receiving_->counts();
    summary.purposes = reckoning_.result();
    summary.canaries = canaries_->findings();
  }
  summary.others = plan_.shards > 1;
  summary.simulated_ms = simulated_ms_;
  summary.took_ms = now_ms() - started_ms_;
  summary.setup_ms = driving_since_ms_ - started_ms_;
  summary.cpu_seconds = cpu_seconds();
  summary.peak_resident_kib = peak_resident_kib();
  summary.stopped = stop_requested();
  return summary;
}

}  // namespace

PurposeReckoning FleetSummary::total() const {
  PurposeReckoning total;
  for (const PurposeReckoning& purpose : purposes) total += purpose;
  return total;
}

bool FleetSummary::clean() const {
  const PurposeReckoning all = total();
  const bool opened_all = others || receiving.unopened == 0;
  return account_adds_up && undelivered_rows == 0 && all.lost == 0 && all.duplicated == 0 &&
         all.altered == 0 && canaries.leaked() == 0 && opened_all;
}

Parsed<FleetSummary> run_fleet(const FleetPlan& plan, const ShowFleetProgress& show) {
  share_secret_pages();
  auto broker = Broker::find(plan.cloud);
  if (!broker) return input_error(broker.error(), "the cloud broker");
  return Fleet(plan, show, *std::move(broker)).run();
}

}  // namespace sudare::sim::fleet
