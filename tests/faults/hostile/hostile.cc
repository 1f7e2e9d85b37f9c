#include "tests/faults/hostile/hostile.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tests/faults/hostile/plays.h"
#include "tests/faults/network/story.h"
#include "tests/faults/rig/canary.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;
using testkit::eventually;
using testkit::Unit;

// --- the cloud: a story like those of the network

void cloud_story(World& world, Random& random, std::uint64_t /*run*/) {
  const std::uint64_t seed = random();
  HostileBroker cloud(
      [seed](std::uint64_t connection) { return hostile_cloud(random_of(seed, connection)); });
  world.lead_to(cloud.port());
  for (int i = 0; i < 10; ++i) {
    world.publish(150);
    testkit::pause(milliseconds(between(random, 20, 150)));
  }
  world.lead_back();
}

Story hostile_cloud_story() {
  Story story;
  story.name = "hostile-cloud";
  story.what =
      "a cloud that sends malformed packets, wrong, double and false acknowledgements, and "
      "refuses; "
      "control: Mosquitto as a bridge";
  story.short_runs = 2;
  story.long_runs = 200;
  story.harm = cloud_story;
  return story;
}

// --- the local broker

constexpr std::uint64_t kAcknowledgedLeast = 120;
constexpr std::uint64_t kFirstGood = 1'000'000;
constexpr std::uint64_t kGood = 20;

// A hostile broker until the gateway has acknowledged enough, then kill -9 with whatever is on its
// way; then a good broker, and the gateway again. `program`: what runs during the hostile part.
struct LocalRun {
  std::uint64_t acknowledged = 0;
  std::uint64_t lost = 0;
  std::uint64_t plaintext = 0;
  std::string wrong;
};

LocalRun run_local(std::uint64_t seed, std::uint64_t run, const std::string& program) {
  LocalRun result;
  Random random = random_of(seed, run);
  const std::uint64_t play_seed = random();
  Ledger ledger;
  HostileBroker hostile([&](std::uint64_t connection) {
    return hostile_local(random_of(play_seed, connection), ledger);
  });
  Unit unit;
  unit.recipient();
  testkit::FaultProxy proxy(hostile.port());
  unit.set_local_url("mqtt://127.0.0.1:" + std::to_string(proxy.port()));
  unit.write_config();
  unit.use_program(program);
  unit.start(false);
  const std::uint64_t enough = kAcknowledgedLeast + between(random, 0, 200);
  const bool reached = eventually(
      [&] { return !unit.gateway().running() || ledger.acknowledged().size() >= enough; },
      std::chrono::seconds(60));
  if (!unit.gateway().running()) result.wrong += "the gateway ended: " + unit.log();
  if (!reached) result.wrong += "hardly anything is acknowledged; ";
  if (grows(unit.gateway().pid())) result.wrong += "the gateway grows; ";
  unit.kill();
  result.plaintext += canaries_in(unit.log());
  hostile.stop();
  const std::set<std::uint64_t> acknowledged = ledger.acknowledged();

  proxy.lead_to(unit.local().port());
  proxy.reset_all();
  unit.use_program(testkit::program("sudare-gateway"));
  unit.start();
  testkit::MqttClient car(unit.local().port());
  for (std::uint64_t i = 0; i < kGood; ++i) car.publish("test/json", numbered_json(kFirstGood + i));
  const bool drained =
      car.flush() && eventually([&] {
        const std::string page = unit.get("/metrics").body;
        const std::set<std::uint64_t> came = unit.opened().numbers;
        return metric_of(page, "sudare_queue_rows") == 0 && came.count(kFirstGood + kGood - 1) > 0;
      });
  if (!drained) result.wrong += "with good brokers not all is well again: " + unit.log();
  if (unit.stop().status != 0) result.wrong += "the gateway ends with an error; ";
  const std::set<std::uint64_t> came = unit.opened().numbers;
  std::set<std::uint64_t> missing;
  std::set_difference(acknowledged.begin(), acknowledged.end(), came.begin(), came.end(),
                      std::inserter(missing, missing.end()));
  result.acknowledged = acknowledged.size();
  result.lost = missing.size();
  if (!unit.account().adds_up()) result.wrong += "the account does not add up; ";
  result.plaintext += canaries_below(unit.state()) + canaries_in(unit.log());
  return result;
}

FaultResult run_hostile_local(const FaultOptions& options) {
  constexpr std::uint64_t kRunsPerControl = 10;
  FaultResult result;
  for (std::uint64_t run = 0; run < options.runs; ++run) {
    const std::string where =
        "seed " + std::to_string(options.seed) + ", run " + std::to_string(run) + ": ";
    try {
      const LocalRun one = run_local(options.seed, run, testkit::program("sudare-gateway"));
      ++result.runs;
      result.acknowledged += one.acknowledged;
      result.lost += one.lost;
      result.plaintext += one.plaintext;
      if (!one.wrong.empty()) result.found(where + one.wrong);
      if (one.lost > 0) result.found(where + std::to_string(one.lost) + " lost");
      if (run % kRunsPerControl == 0) {
        result.control_lost += run_local(options.seed, run, SUDARE_ACKNOWLEDGE_FIRST).lost;
        ++result.control_runs;
      }
    } catch (const std::exception& error) {
      result.found(where + error.what());
    }
    if (options.progress) options.progress(run + 1);
  }
  return result;
}

}  // namespace

std::vector<Fault> hostile_faults() {
  Fault local{
      "hostile-local",
      "a local broker that sends malformed packets, wrong topics and lengths among messages, "
      "and kill -9; control: a gateway that acknowledges first",
      1, 200, run_hostile_local};
  return {local, fault_of(hostile_cloud_story())};
}

}  // namespace sudare::faults
