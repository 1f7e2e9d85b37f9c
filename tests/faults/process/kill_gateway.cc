// kill -9 of the gateway at random moments under load, again and again on the same state. The
// control acknowledges before it has written.
#include <array>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"
#include "tests/faults/rig/car.h"

namespace sudare::faults {
namespace {

using testkit::Unit;

constexpr Plan kPlan{.runs_of_lot = 100, .control_runs = 40, .threads = 4};
// Every so many kills one comes at any moment, the start included; the others hit a gateway that
// was connected.
constexpr std::uint64_t kAnyMoment = 4;
// In which a kill comes; at least as long as the start took, for all is slow where that is.
constexpr std::chrono::milliseconds kWindow{80};

// Half of the cars ask for receipts: then nothing may come twice either.
testkit::UnitOptions unit_options(std::mt19937_64& random, bool receipts) {
  constexpr std::array<int, 3> kIntervals = {5, 20, 100};
  constexpr std::array<std::uint32_t, 3> kLingers = {20, 60, 200};
  testkit::UnitOptions options;
  options.linger_ms = kLingers.at(below(random, kLingers.size()));
  options.extra_config =
      "commit { interval_ms: " + std::to_string(kIntervals.at(below(random, kIntervals.size()))) +
      " }\n";
  if (receipts) options.extra_config += kReceiptsConfig;
  return options;
}

// At any moment from the start on, or while it takes messages, however slow the machine is. True:
// it was connected.
bool kill_once(Unit& unit, bool any_moment, std::mt19937_64 random) {
  unit.start(false);
  const auto window = any_moment ? kWindow : std::max(kWindow, until_connected(unit));
  std::this_thread::sleep_for(std::chrono::microseconds(
      below(random, static_cast<std::uint64_t>(std::chrono::microseconds(window).count()))));
  unit.kill();
  return connected(unit);
}

FaultResult kill_a_lot(const Lot& lot) {
  std::mt19937_64 random = random_of(lot.seed, ~lot.first);
  const bool receipts = below(random, 2) == 0;
  Unit unit(unit_options(random, receipts));
  Arrivals arrivals(unit);
  FaultResult result;
  // The broker keeps messages for a session that exists.
  unit.start();
  unit.stop();
  if (lot.control) unit.use_program(SUDARE_ACKNOWLEDGE_FIRST);
  CarOptions of_car;
  of_car.port = unit.local().port();
  // The control gives no receipts.
  if (receipts && !lot.control) of_car.producer = kProducer;
  of_car.per_second = 2000;
  Car car(of_car);
  std::uint64_t at_work = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run) {
    const bool any_moment = run % kAnyMoment == 0;
    at_work += kill_once(unit, any_moment, random_of(lot.seed, run)) ? 1 : 0;
    ++result.runs;
    if (run % 8 == 0) find_plaintext(unit, lot.name(), result);
  }
  if (at_work < result.runs / 2) result.found(lot.name() + ": most kills hit no work");
  // Receipts come from a gateway that lives.
  unit.use_program(testkit::program("sudare-gateway"));
  unit.start(false);
  if (!car.stop()) result.found(lot.name() + ": the car's messages are not settled");
  const std::array<Numbers, 1> published{Numbers{0, car.published()}};
  settle(unit, arrivals, published, lot, result);
  if (receipts && !lot.control) find_repeated(arrivals, lot, result);
  return result;
}

}  // namespace

Fault kill_gateway() {
  Fault fault;
  fault.name = "kill-gateway";
  fault.what = "kill -9 of the gateway under load; the control acknowledges before it writes";
  fault.short_runs = 20;
  fault.long_runs = 10'000;
  fault.run = [](const FaultOptions& options) { return run_in_lots(options, kPlan, kill_a_lot); };
  return fault;
}

}  // namespace sudare::faults
