// kill -9 of the gateway at random moments under load, again and again on the same state. The
// control acknowledges before it has written.
#include <array>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"

namespace sudare::faults {
namespace {

using testkit::Unit;

constexpr Plan kPlan{.runs_of_lot = 100, .control_runs = 40, .threads = 4};
// Kills at a gateway that was connected; the others hit its start.
constexpr std::uint64_t kAnyMoment = 4;

testkit::UnitOptions unit_options(std::mt19937_64& random) {
  constexpr std::array<int, 3> kIntervals = {5, 20, 100};
  constexpr std::array<std::uint32_t, 3> kLingers = {20, 60, 200};
  testkit::UnitOptions options;
  options.linger_ms = kLingers.at(below(random, kLingers.size()));
  options.extra_config =
      "commit { interval_ms: " + std::to_string(kIntervals.at(below(random, kIntervals.size()))) +
      " }\n";
  return options;
}

// One in four at any moment from the start on; the others while it takes messages, however slow the
// machine is. True: it was connected.
bool kill_once(Unit& unit, std::mt19937_64 random) {
  unit.start(false);
  const bool any_moment = below(random, kAnyMoment) == 0;
  if (!any_moment && !testkit::eventually([&] { return connected(unit); })) {
    throw std::runtime_error("the gateway does not come up: " + unit.log());
  }
  std::this_thread::sleep_for(std::chrono::microseconds(below(random, 80'000)));
  unit.kill();
  return connected(unit);
}

FaultResult kill_a_lot(const Lot& lot) {
  std::mt19937_64 random = random_of(lot.seed, ~lot.first);
  Unit unit(unit_options(random));
  Arrivals arrivals(unit);
  FaultResult result;
  // The broker keeps messages for a session that exists.
  unit.start();
  unit.stop();
  if (lot.control) unit.use_program(SUDARE_ACKNOWLEDGE_FIRST);
  SteadyCar car(unit.local().port(), 0, 20);
  std::uint64_t at_work = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run) {
    at_work += kill_once(unit, random_of(lot.seed, run)) ? 1 : 0;
    ++result.runs;
    if (run % 8 == 0) find_plaintext(unit, lot.name(), result);
  }
  if (at_work < result.runs / 2) result.found(lot.name() + ": most kills hit no work");
  const std::array<Numbers, 1> published{Numbers{0, car.stop()}};
  settle(unit, arrivals, published, lot, result);
  return result;
}

}  // namespace

Fault kill_gateway() {
  Fault fault;
  fault.name = "kill-gateway";
  fault.what = "kill -9 of the gateway under load; the control acknowledges before it writes";
  fault.short_runs = 40;
  fault.long_runs = 10'000;
  fault.run = [](const FaultOptions& options) { return run_in_lots(options, kPlan, kill_a_lot); };
  return fault;
}

}  // namespace sudare::faults
