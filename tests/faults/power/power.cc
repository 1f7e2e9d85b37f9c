#include "tests/faults/power/power.h"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "tests/faults/power/machine.h"
#include "tests/faults/power/vehicle.h"
#include "tests/testkit/process.h"
#include "tests/testkit/sanitized.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;

// Cuts of one car: the store recovers from the cut before, and the queue grows.
constexpr std::uint64_t kCutsPerCar = 10;
constexpr std::uint64_t kControlEvery = 20;

// Most cuts while the cloud is away, so that the queue must hold; some while it takes, and some
// while memory is short. Of each car some. Two of seven hit no load, and the next one does: by
// chance, the few cuts of a short run would now and then hit none.
Cut cut_of(std::uint64_t seed, std::uint64_t run) {
  Cut cut;
  cut.seed = seed;
  cut.run = run;
  const std::uint64_t number = seed + run;
  if (number % 7 == 1) cut.moment = Moment::kStarting;
  if (number % 7 == 4) cut.moment = Moment::kRecoveringFiles;
  cut.cloud = number % 4 == 3;
  cut.pressure = number % 5 == 1;
  return cut;
}

// `runs` cuts of one car, the first with number `first`. Files stay where something was found.
void one_car(const FaultOptions& options, std::uint64_t first, std::uint64_t runs,
             FaultResult& result) {
  VehicleOptions car;
  car.directory = options.directory / ("car-" + std::to_string(first));
  car.mosquitto = std::mt19937_64(options.seed + first)() % 4 == 0;
  const std::size_t findings = result.findings.size();
  try {
    Vehicle vehicle(car);
    bool well = true;
    for (std::uint64_t run = first; well && run < first + runs; ++run) {
      well = vehicle.cut(cut_of(options.seed, run), result);
      if (options.progress) options.progress(run + 1);
    }
    if (well) vehicle.finish(cut_of(options.seed, first + runs - 1), true, result);
  } catch (const std::exception& error) {
    result.found("seed " + std::to_string(options.seed) + ", run " + std::to_string(first) + ": " +
                 error.what());
  }
  if (result.findings.size() == findings) fs::remove_all(car.directory);
}

// A cut may hit a moment at which even a control had nothing to lose.
constexpr int kControlTries = 3;

// The same harm where something is wrong on purpose: it must lose. With `pressure`, of a program
// that does not lock its memory, some must get into swap. Returns in what it did not.
std::string try_control(const FaultOptions& options, VehicleOptions& car, const std::string& name,
                        bool pressure, FaultResult& result) {
  car.directory =
      options.directory / ("control-" + std::to_string(result.control_runs) + "-" + name);
  FaultResult harm;
  bool swapped = false;
  try {
    Vehicle vehicle(car);
    const Cut cut{options.seed, result.control_runs, Moment::kWorking, false, pressure, true};
    if (vehicle.cut(cut, harm)) vehicle.finish(cut, false, harm);
    swapped = vehicle.swapped();
  } catch (const std::exception& error) {
    harm.found(error.what());
  }
  ++result.control_runs;
  result.control_lost += harm.lost;
  if (harm.lost == 0 || swapped != pressure) {
    return "lost " + std::to_string(harm.lost) + (swapped ? ", swapped" : ", not swapped") +
           (harm.findings.empty() ? "" : ": " + harm.findings.front());
  }
  fs::remove_all(car.directory);
  return "";
}

void one_control(const FaultOptions& options, VehicleOptions car, const std::string& name,
                 bool pressure, FaultResult& result) {
  std::string wrong;
  for (int i = 0; i < kControlTries; ++i) {
    wrong = try_control(options, car, name, pressure, result);
    if (wrong.empty()) return;
  }
  result.found("control " + name + ": " + wrong);
}

void control(const FaultOptions& options, std::uint64_t kind, FaultResult& result) {
  VehicleOptions car;
  switch (kind % 3) {
    case 0:
      car.program = "sudare-test-acknowledge-first";
      return one_control(options, car, "acknowledge-first", true, result);
    case 1: car.preload = "no_sync.so"; return one_control(options, car, "no-sync", false, result);
    default: car.lying_drive = true; return one_control(options, car, "lying-drive", false, result);
  }
}

FaultResult run(const FaultOptions& options) {
  FaultResult result;
  for (const std::string& reason : {no_power_guest(), missing_power_package()}) {
    if (reason.empty()) continue;
    result.found("not run: " + reason);
    return result;
  }
  (void)Guest::get();  // throws here, once, where it can't be made
  for (std::uint64_t first = 0; first < options.runs; first += kCutsPerCar) {
    one_car(options, first, std::min(kCutsPerCar, options.runs - first), result);
  }
  // A campaign comes in parts, with seeds of their own: each kind of control has its turn.
  std::mt19937_64 random(options.seed);
  for (std::uint64_t run = 0; run < options.runs; run += kControlEvery) {
    control(options, random(), result);
  }
  return result;
}

}  // namespace

std::string missing_power_package() {
  for (const auto& [command, package] :
       {std::pair("qemu-system-x86_64", "qemu-system-x86"), std::pair("busybox", "busybox-static"),
        std::pair("cpio", "cpio"), std::pair("mkfs.ext4", "e2fsprogs")}) {
    if (testkit::find_command(command).empty()) return package;
  }
  return "";
}

std::string no_power_guest() {
#if defined(__x86_64__)
  return testkit::kSanitized ? "sanitizers take more memory than the guest has" : "";
#else
  return "the guest is of x86_64";
#endif
}

std::vector<Fault> power_faults() {
  return {{"power-cut",
           "a machine with a volatile disk cache loses its power; the controls acknowledge first, "
           "do not sync, or have a drive that lies about it",
           2, 200, run}};
}

}  // namespace sudare::faults
