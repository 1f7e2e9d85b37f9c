#include "tests/faults/network/volumes.h"

#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>

#include "tests/faults/network/fill_outbox.h"
#include "tests/faults/network/tally.h"
#include "tests/faults/network/world.h"
#include "tests/faults/rig/canary.h"
#include "tests/faults/rig/car.h"
#include "tests/testkit/fault_proxy.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testkit::eventually;
using testkit::Unit;

constexpr std::uint64_t kOutageMessages = 72ULL * 3600 * 10;
constexpr std::uint64_t kBacklogBatches = 1'000'000;
constexpr std::uint64_t kShortDivisor = 100;
constexpr auto kLongest = minutes(12);
// A recipient that opens a million batches on a busy machine falls far behind the cloud broker.
// Without one more in this time, no more come.
constexpr auto kNoMore = minutes(1);

testkit::Weather away() {
  testkit::Weather weather;
  weather.refuse = true;
  return weather;
}

// A unit whose way to the cloud can be closed, and a recipient that keeps up with a million
// batches. Nothing of what the cloud broker holds is on its disk: only the way to it is cut.
class Queue {
 public:
  Queue(const std::string& quota, std::uint64_t watched_from)
      : unit(options(quota)), tally(unit, watched_from), proxy_(unit.cloud().port(), canaries_in) {
    unit.set_cloud_url("mqtt://127.0.0.1:" + std::to_string(proxy_.port()));
    unit.write_config();
    testkit::MqttClientOptions recipient;
    recipient.port = unit.cloud().port();
    recipient.take = [this](const testkit::MqttMessage& message) { tally.take(message); };
    recipient_ = std::make_unique<testkit::MqttClient>(recipient);
    recipient_->subscribe("sudare/1/#");
  }

  void leave_cloud() { proxy_.set(away()); }
  void find_cloud() { proxy_.set({}); }
  [[nodiscard]] double metric(const std::string& name) const {
    return metric_of(unit.get("/metrics").body, name);
  }
  [[nodiscard]] bool drained() {
    return eventually([this] { return metric("sudare_queue_rows") == 0; }, kLongest);
  }
  // Before the gateway starts: batches of a dozen records, a kilobyte each.
  void use_small_batches() const;
  // Waits for what the cloud broker still holds, as long as more comes.
  [[nodiscard]] bool comes(const std::function<bool(const Tally::Sum&)>& enough) const;
  // Stops the gateway and adds up. Returns how many rows were evicted.
  std::uint64_t reckon(FaultResult& result, const std::string& where);

  Unit unit;
  Tally tally;

 private:
  static testkit::UnitOptions options(const std::string& quota) {
    testkit::UnitOptions options;
    options.linger_ms = 50;
    options.extra_config = "store { " + quota + " }\n";
    return options;
  }
  testkit::FaultProxy proxy_;
  std::unique_ptr<testkit::MqttClient> recipient_;
};

void Queue::use_small_batches() const {
  std::string policy = unit.policy_text("2099-12-31");
  for (std::size_t at = 0; (at = policy.find("16384", at)) != policy.npos;) {
    policy.replace(at, 5, "1024");
  }
  std::ofstream(unit.policy_file()) << policy;
}

bool Queue::comes(const std::function<bool(const Tally::Sum&)>& enough) const {
  Tally::Sum before = tally.sum();
  while (!enough(before)) {
    const bool more = eventually([&] { return tally.sum().numbers > before.numbers; }, kNoMore);
    if (!more) return false;
    before = tally.sum();
  }
  return true;
}

std::uint64_t Queue::reckon(FaultResult& result, const std::string& where) {
  if (unit.stop().status != 0) result.found(where + "the gateway ends with an error");
  const Account account = unit.account();
  const FateCounts counts = account.total();
  const auto fate = [&](Fate which) {
    return static_cast<std::uint64_t>(counts.by_fate[static_cast<std::size_t>(which)]);
  };
  // It evicts only while there is no cloud: nothing of that was on its way, and comes all the same.
  const std::uint64_t elsewhere = fate(Fate::kEvicted) + fate(Fate::kQueued);
  (void)comes([&](const Tally::Sum& sum) { return sum.records + elsewhere >= counts.taken; });
  const Tally::Sum sum = tally.sum();
  if (!account.adds_up()) result.found(where + "the account does not add up");
  if (sum.failures > 0) result.found(where + "batches that do not open");
  if (tally.gaps() > fate(Fate::kEvicted)) result.found(where + "gaps that nothing explains");
  const std::uint64_t settled = sum.records + elsewhere;
  if (counts.taken > settled) {
    result.found(where + std::to_string(counts.taken - settled) + " of " +
                 std::to_string(counts.taken) + " lost");
    result.lost += counts.taken - settled;
  }
  result.acknowledged += counts.taken;
  result.duplicated += sum.records - sum.numbers;
  result.plaintext += sum.canaries + proxy_.seen().findings + canaries_below(unit.state()) +
                      canaries_in(unit.log());
  return fate(Fate::kEvicted);
}

std::string where(const FaultOptions& options, std::uint64_t run) {
  return "seed " + std::to_string(options.seed) + ", run " + std::to_string(run) + ": ";
}

// What Mosquitto as a bridge makes of as many messages while its peer is away.
void bridge_without_cloud(std::uint64_t messages, FaultResult& result) {
  WorldOptions options;
  options.bridge = true;
  World world(options);
  world.proxy().set(away());
  world.proxy().reset_all();
  world.publish(messages);
  world.proxy().set({});
  if (!world.settle()) result.found("control: the bridge does not come back");
  result.control_lost += world.bridge_lost();
  ++result.control_runs;
}

void run_outage(const FaultOptions& options, std::uint64_t run, FaultResult& result) {
  // Every other one with a store that is too small for it.
  const bool evicts = (options.seed + run) % 2 == 0;
  const std::uint64_t messages =
      options.full_size ? kOutageMessages : kOutageMessages / kShortDivisor;
  Queue queue(
      evicts ? "quota_bytes: 1048576 essential_reserve_bytes: 262144" : "quota_bytes: 536870912",
      UINT64_MAX);
  if (evicts) queue.use_small_batches();
  queue.leave_cloud();
  queue.unit.start();
  CarOptions car_options;
  car_options.port = queue.unit.local().port();
  car_options.messages_max = messages;
  Car car(car_options);
  const auto taken = [&] {
    return queue.metric("sudare_rows_taken_total{purpose=\"seq\"}") >=
           static_cast<double>(messages);
  };
  if (!eventually(taken, kLongest)) {
    result.found(where(options, run) + "not all are taken");
  }
  queue.find_cloud();
  if (!queue.drained()) result.found(where(options, run) + "the queue does not drain");
  if (!car.stop()) result.found(where(options, run) + "the car keeps some");
  const std::uint64_t evicted = queue.reckon(result, where(options, run));
  if (evicts != (evicted > 0))
    result.found(where(options, run) + "not the eviction that was meant");
}

// A number, and how many batches had left before it was published; or before it left.
using SentAt = std::map<std::uint64_t, std::uint64_t>;

SentAt send_live(Queue& queue, std::uint64_t first, std::uint64_t backlog) {
  SentAt sent;
  testkit::MqttClient car(queue.unit.local().port());
  const bool done = eventually(
      [&] {
        const auto batches =
            static_cast<std::uint64_t>(queue.metric("sudare_uplink_published_total"));
        const std::uint64_t number = first + sent.size();
        // Of five, one is urgent.
        car.publish(number % 5 == 0 ? "test/urgent" : "test/json", numbered_json(number));
        sent[number] = batches;
        return batches >= backlog;
      },
      kLongest);
  if (!done || !car.flush()) throw std::runtime_error("the backlog does not drain");
  return sent;
}

// What is sent in the first quarter of the drain comes before its last quarter: else it waited for
// what is older.
void expect_live_first(const SentAt& sent, const SentAt& came, std::uint64_t backlog,
                       FaultResult& result, const std::string& where) {
  for (const auto& [number, batches] : sent) {
    if (batches > backlog / 4) continue;
    const auto found = came.find(number);
    if (found != came.end() && found->second < backlog * 3 / 4) continue;
    result.found(where + "a live message, sent after " + std::to_string(batches) + " of " +
                 std::to_string(backlog) + " batches, waited for the backlog");
  }
}

void run_backlog(const FaultOptions& options, std::uint64_t run, FaultResult& result) {
  const std::uint64_t batches =
      options.full_size ? kBacklogBatches : kBacklogBatches / kShortDivisor;
  constexpr std::uint64_t kMessagesPerBatchMax = 64;
  const std::uint64_t first_live = batches * kMessagesPerBatchMax;
  Queue queue("quota_bytes: 4294967296", first_live);
  queue.use_small_batches();
  const std::uint64_t filled = fill_outbox(queue.unit, batches);
  if (filled > first_live)
    result.found(where(options, run) + "more messages in a batch than thought");
  queue.unit.start();
  const SentAt sent = send_live(queue, first_live, batches);
  const bool all =
      queue.comes([&](const Tally::Sum& sum) { return sum.numbers >= filled + sent.size(); });
  if (!all || !queue.drained()) result.found(where(options, run) + "not all arrive");
  expect_live_first(sent, queue.tally.watched(), batches, result, where(options, run));
  (void)queue.reckon(result, where(options, run));
}

using Run = void (*)(const FaultOptions&, std::uint64_t, FaultResult&);

Fault fault(const char* name, const char* what, std::uint64_t runs, Run run) {
  Fault fault{name, what, runs, runs, {}};
  fault.run = [run](const FaultOptions& options) {
    FaultResult result;
    for (std::uint64_t i = 0; i < options.runs; ++i) {
      run(options, i, result);
      ++result.runs;
      if (options.progress) options.progress(i + 1);
    }
    bridge_without_cloud(kOutageMessages / kShortDivisor, result);
    return result;
  };
  return fault;
}

}  // namespace

Fault long_outage() {
  return fault(
      "long-outage",
      "72 h without a cloud at 10 messages/s, pumped at full speed (short: a hundredth), in "
      "a store that holds them and in one that must evict; control: Mosquitto as a bridge",
      2, run_outage);
}

Fault backlog() {
  return fault("backlog",
               "a million batches (short: ten thousand) drain beside live and urgent messages; "
               "control: Mosquitto as a bridge with as long an outage",
               1, run_backlog);
}

}  // namespace sudare::faults
