#include "tests/faults/power/power.h"

#include <algorithm>
#include <stdexcept>

#include "tests/faults/power/car.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;

// Cuts of one car: the store recovers from the cut before, and the queue grows.
constexpr std::uint64_t kCutsPerCar = 8;
constexpr std::uint64_t kControlEvery = 40;  // runs, of each control

// Most cuts while the cloud is away, so that the queue must hold; some while it takes, and some
// while memory is short. Of each car some.
Cut cut_of(std::uint64_t seed, std::uint64_t run) {
  Cut cut;
  cut.seed = seed;
  cut.run = run;
  cut.cloud = (seed + run) % 4 == 3;
  cut.pressure = (seed + run) % 5 == 1;
  return cut;
}

// `runs` cuts of one car, the first with number `first`. Files stay where something was found.
void one_car(const FaultOptions& options, std::uint64_t first, std::uint64_t runs,
             FaultResult& result) {
  const fs::path directory = options.directory / ("car-" + std::to_string(first));
  const std::size_t findings = result.findings.size();
  try {
    Car car(directory, {});
    bool well = true;
    for (std::uint64_t run = first; well && run < first + runs; ++run) {
      well = car.cut(cut_of(options.seed, run), result);
      if (options.progress) options.progress(run + 1);
    }
    if (well) car.finish(cut_of(options.seed, first + runs - 1), true, result);
  } catch (const std::exception& error) {
    result.found("seed " + std::to_string(options.seed) + ", run " + std::to_string(first) + ": " +
                 error.what());
  }
  if (result.findings.size() == findings) fs::remove_all(directory);
}

// The same harm to a program that must lose.
void one_control(const FaultOptions& options, const CarProgram& program, std::uint64_t run,
                 FaultResult& result) {
  const fs::path directory =
      options.directory / ("control-" + std::to_string(run) + program.preload);
  FaultResult harm;
  bool well = false;
  try {
    Car car(directory, program);
    const Cut cut{options.seed, run, false, false};
    well = car.cut(cut, harm) && car.finish(cut, false, harm);
  } catch (const std::exception& error) {
    harm.found(error.what());
  }
  ++result.control_runs;
  result.control_lost += harm.lost;
  // What it lost is no finding, that it did not run is.
  if (!well && harm.lost == 0 && !harm.findings.empty()) {
    result.found("control " + program.name + program.preload + ": " + harm.findings.front());
  }
  if (well) fs::remove_all(directory);
}

FaultResult run(const FaultOptions& options) {
  FaultResult result;
  if (const std::string reason = no_power_guest(); !reason.empty()) {
    result.found("not run: " + reason);
    return result;
  }
  for (std::uint64_t first = 0; first < options.runs; first += kCutsPerCar) {
    one_car(options, first, std::min(kCutsPerCar, options.runs - first), result);
  }
  for (std::uint64_t run = 0; run < options.runs; run += kControlEvery) {
    one_control(options, {"sudare-test-acknowledge-first", ""}, run, result);
    one_control(options, {"sudare-gateway", "no_sync.so"}, run, result);
  }
  return result;
}

}  // namespace

std::string no_power_guest() {
  try {
    (void)Guest::get();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::vector<Fault> power_faults() {
  return {{"power-cut",
           "a machine with a volatile disk cache loses its power; the controls acknowledge first, "
           "or do not sync",
           2, 208, run}};
}

}  // namespace sudare::faults
