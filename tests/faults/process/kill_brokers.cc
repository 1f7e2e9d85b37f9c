// kill -9 of the brokers. The in-vehicle one has no persistence: a producer that keeps its messages
// until the gateway's receipt loses none, one that trusts the broker's PUBACK is the control. The
// cloud's must be durable, as NATS with JetStream is said to be; what it forgets all the same is
// told apart by a witness on the wire. Mosquitto without persistence is the control.
#include <csignal>

#include "tests/faults/process/cloud_witness.h"
#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"
#include "tests/faults/rig/car.h"
#include "tests/testkit/nats_broker.h"

namespace sudare::faults {
namespace {

using testkit::eventually;
using testkit::Unit;

constexpr std::uint64_t kMessages = 120;  // of a run, at least
// The recipient gets nothing more after so long: NATS tells what it kept within a second.
constexpr std::chrono::milliseconds kQuietOfCloud = std::chrono::seconds(10);
constexpr std::uint64_t kHeld = 3000;  // Mosquitto has 1000 on their way, in these tests

void wait_for_more(const Car& car, std::uint64_t before, const Lot& lot, FaultResult& result) {
  const bool more = eventually([&] { return car.settled() >= before + kMessages; });
  if (!more) result.found(lot.name() + ": the car gets no receipts any more");
}

void pause_us(std::uint64_t us) { std::this_thread::sleep_for(std::chrono::microseconds(us)); }

// --- in the vehicle

// The gateway stands still for a moment, so that messages wait in the broker: at the control until
// there are more than are ever on their way to the gateway.
void hold_gateway(Unit& unit, const Car& car, std::mt19937_64& random, bool control) {
  unit.gateway().signal(SIGSTOP);
  if (!control) return pause_us(below(random, 100'000));
  const std::uint64_t before = car.settled();
  eventually([&] { return car.settled() >= before + kHeld; });
}

// The gateway before the broker, after it, or not at all.
FaultResult kill_local(const Lot& lot, bool both) {
  std::mt19937_64 of_lot = random_of(lot.seed, ~lot.first);
  testkit::UnitOptions options;
  options.linger_ms = 60;
  options.extra_config = std::string(kReceiptsConfig) +
                         "commit { interval_ms: " + (below(of_lot, 2) == 0 ? "20" : "100") + " }\n";
  Unit unit(options);
  Arrivals arrivals(unit);
  FaultResult result;
  unit.start();
  CarOptions of_car;
  of_car.port = unit.local().port();
  if (!lot.control) of_car.producer = kProducer;
  Car car(of_car);
  std::uint64_t settled = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    wait_for_more(car, settled, lot, result);
    settled = car.settled();
    pause_us(below(random, 100'000));
    const bool held = lot.control || below(random, 2) == 0;
    if (held) hold_gateway(unit, car, random, lot.control);
    const bool gateway_first = both && below(random, 2) == 0;
    if (gateway_first) unit.kill();
    if (both) pause_us(below(random, 20'000));
    unit.local().kill();
    if (both && !gateway_first) {
      pause_us(below(random, 20'000));
      unit.kill();
    }
    if (held) unit.gateway().signal(SIGCONT);
    unit.local().start();
    if (both) unit.start(false);
    find_plaintext(unit, lot.name(), result);
  }
  if (!car.stop()) result.found(lot.name() + ": the car's messages are not settled");
  const std::array<Numbers, 1> published{Numbers{0, car.published()}};
  settle(unit, arrivals, published, lot, result);
  if (!lot.control) find_repeated(arrivals, lot, result);
  return result;
}

// --- the cloud

// The unit's cloud: durable, behind a witness; or the control's.
class Cloud {
 public:
  explicit Cloud(bool durable) {
    if (!durable) return;
    nats_.emplace();
    witness_.emplace(nats_->port());
  }
  [[nodiscard]] testkit::UnitOptions options() const {
    testkit::UnitOptions options;
    options.linger_ms = 20;
    options.extra_config = "commit { interval_ms: 10 }\n";
    if (nats_) options.cloud_port = nats_->port();
    return options;
  }
  void stand_before(Unit& unit) const {
    if (!witness_) return;
    unit.set_cloud_url("mqtt://127.0.0.1:" + std::to_string(witness_->port()));
    unit.write_config();
  }
  // What it acknowledged is no loss of the gateway's, wherever it is: adds it to what arrived, once
  // the recipient gets no more. Returns how much of it the recipient did not get.
  std::uint64_t account_for(Arrivals& arrivals, std::uint64_t published) {
    if (!witness_ || arrivals.wait_for(0, published, kQuietOfCloud)) return 0;
    const std::size_t before = arrivals.missing(0, published).size();
    arrivals.take(witness_->acknowledged(), 0);
    return before - arrivals.missing(0, published).size();
  }
  void kill_and_start(Unit& unit) {
    if (nats_) {
      nats_->kill();
      nats_->start();
    } else {
      unit.cloud().kill();
      unit.cloud().start();
    }
  }

 private:
  std::optional<testkit::NatsBroker> nats_;
  std::optional<CloudWitness> witness_;
};

FaultResult kill_cloud(const Lot& lot) {
  FaultResult result;
  Cloud cloud(!lot.control);
  Unit unit(cloud.options());
  cloud.stand_before(unit);
  Arrivals arrivals(unit);
  unit.start();
  CarOptions of_car;
  of_car.port = unit.local().port();
  of_car.per_second = 1000;
  Car car(of_car);
  std::uint64_t settled = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    wait_for_more(car, settled, lot, result);
    settled = car.settled();
    if (!eventually([&] { return metric(unit, "sudare_uplink_connected") == 1; })) {
      result.found(lot.name() + ": the gateway does not reach the cloud any more");
    }
    pause_us(below(random, 200'000));
    cloud.kill_and_start(unit);
  }
  if (!car.stop()) result.found(lot.name() + ": the car's messages are not settled");
  result.forgotten = cloud.account_for(arrivals, car.published());
  const std::array<Numbers, 1> published{Numbers{0, car.published()}};
  settle(unit, arrivals, published, lot, result);
  return result;
}

Fault fault_of(const std::string& name, const std::string& what, const Plan& plan,
               const std::function<FaultResult(const Lot&)>& lot) {
  Fault fault;
  fault.name = name;
  fault.what = what;
  fault.short_runs = 3;
  fault.long_runs = 1000;
  fault.run = [plan, lot](const FaultOptions& options) { return run_in_lots(options, plan, lot); };
  return fault;
}

}  // namespace

Fault kill_local_broker() {
  return fault_of("kill-local-broker",
                  "kill -9 of an in-vehicle broker without persistence, a producer with receipts; "
                  "the control trusts the broker's PUBACK",
                  {.runs_of_lot = 25, .control_runs = 5, .threads = 3},
                  [](const Lot& lot) { return kill_local(lot, false); });
}

Fault kill_both() {
  return fault_of("kill-both",
                  "kill -9 of gateway and in-vehicle broker together, a producer with receipts; "
                  "the control trusts the broker's PUBACK",
                  {.runs_of_lot = 25, .control_runs = 5, .threads = 3},
                  [](const Lot& lot) { return kill_local(lot, true); });
}

Fault kill_cloud_broker() {
  return fault_of("kill-cloud-broker",
                  "kill -9 of a durable cloud broker, NATS with JetStream; the control is "
                  "Mosquitto without persistence",
                  {.runs_of_lot = 25, .control_runs = 3, .threads = 3}, kill_cloud);
}

}  // namespace sudare::faults
