// Less memory than the gateway needs, under load: it may end, with what it has on disk. The control
// acknowledges before it writes.
#include <sys/resource.h>

#include <fstream>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"
#include "tests/faults/process/words.h"

namespace sudare::faults {
namespace {

using testkit::eventually;
using testkit::pause;
using testkit::Unit;

constexpr Plan kPlan{.runs_of_lot = 50, .control_runs = 10, .threads = 3};
constexpr std::uint64_t kMessages = 150;

// What a process has mapped (RLIMIT_AS counts it) or allocated (RLIMIT_DATA).
std::uint64_t bytes_of(pid_t process, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(field + ":", 0) != 0) continue;
    return 1024 * std::strtoull(line.c_str() + field.size() + 1, nullptr, 10);
  }
  return 0;
}

// From here on the process gets no more than `more` bytes.
void limit(pid_t process, bool address_space, std::uint64_t more) {
  const std::uint64_t now = bytes_of(process, address_space ? "VmSize" : "VmData");
  const rlimit bound{now + more, now + more};
  const auto what = address_space ? RLIMIT_AS : RLIMIT_DATA;
  if (now > 0) (void)prlimit(process, what, &bound, nullptr);
}

void publish(testkit::MqttClient& car, std::uint64_t& next) {
  for (std::uint64_t i = 0; i < kMessages; ++i) {
    car.publish("test/json", i % 2 == 0 ? wordy_payload(next) : numbered_json(next));
    ++next;
    if (i % 30 == 29) pause(milliseconds(5));
  }
  if (!car.flush()) throw std::runtime_error("the in-vehicle broker takes nothing");
}

// In one of four runs the limit is there from the start: such a gateway often does not come up.
FaultResult limit_memory(const Lot& lot) {
  FaultResult result;
  testkit::UnitOptions options;
  options.linger_ms = 50;
  options.extra_config = "commit { interval_ms: 10 }\n";
  Unit unit(options);
  std::string policy = unit.policy_text("2099-12-31");
  release_words(policy, "test/json");
  std::ofstream(unit.policy_file()) << policy;
  Arrivals arrivals(unit);
  unit.start();
  unit.stop();
  testkit::MqttClient car(unit.local().port());
  // The control would leave core files, with all that it was told.
  std::vector<std::string> victim = {testkit::program("sudare-gateway")};
  if (lot.control) victim = {"prlimit", "--core=0", SUDARE_ACKNOWLEDGE_FIRST};
  std::uint64_t next = 0;
  std::uint64_t died = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    const bool from_start = below(random, 4) == 0;
    const bool address_space = below(random, 2) == 0;
    const std::string bytes = std::to_string((from_start ? 12 + below(random, 40) : 0) << 20);
    std::vector<std::string> command = victim;
    if (from_start) command.insert(command.begin(), {"prlimit", "--as=" + bytes});
    unit.use_command(command);
    unit.start(false);
    eventually([&] { return connected(unit) || !unit.gateway().running(); });
    if (!from_start) limit(unit.gateway().pid(), address_space, below(random, 8) * 4096);
    publish(car, next);
    pause(milliseconds(below(random, 40)));
    died += unit.gateway().running() ? 0 : 1;
    unit.kill();
    find_plaintext(unit, lot.name(), result);
  }
  if (!lot.control && died < result.runs / 4) {
    result.found(lot.name() + ": only " + std::to_string(died) + " gateways felt the limit");
  }
  const std::array<Numbers, 1> published{Numbers{0, next}};
  settle(unit, arrivals, published, lot, result);
  return result;
}

}  // namespace

Fault memory_limit() {
  Fault fault;
  fault.name = "memory-limit";
  fault.what =
      "the gateway gets no more memory, or little from the start, and is killed where it "
      "lives; the control acknowledges before it writes";
  fault.short_runs = 12;
  fault.long_runs = 1000;
  fault.run = [](const FaultOptions& options) { return run_in_lots(options, kPlan, limit_memory); };
  return fault;
}

}  // namespace sudare::faults
