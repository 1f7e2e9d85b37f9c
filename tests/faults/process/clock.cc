// A clock that is wrong when the gateway starts, and jumps while it runs: 1970, hours, days and
// years both ways, the changes of summer time, a leap second. The control acknowledges before it
// writes.
#include <ctime>
#include <fstream>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"

namespace sudare::faults {
namespace {

using testkit::pause;
using testkit::Unit;

constexpr Plan kPlan{.runs_of_lot = 10, .control_runs = 3, .threads = 3};
constexpr std::uint64_t kMessages = 120;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kHourMs = 3'600'000;

// Moments, as seconds from 1970: the last second before each of these happens.
constexpr std::array<std::int64_t, 6> kMoments = {
    1,              // 1970, as a unit without a battery boots
    1'483'228'798,  // the leap second at the end of 2016
    1'743'296'399,  // summer time begins in Berlin, 2025
    1'761'440'399,  // and ends
    2'147'483'646,  // 2038
    4'102'444'799,  // 2100, when the policy of these units has ended
};
constexpr std::array<const char*, 4> kZones = {"UTC", "Europe/Berlin", "Asia/Tokyo",
                                               "right/Europe/Berlin"};

// Where the clock goes next: by so many seconds from the true time.
std::int64_t offset(std::mt19937_64& random, std::int64_t before) {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  const std::int64_t sign = below(random, 2) == 0 ? 1 : -1;
  switch (below(random, 6)) {
    case 0: return 0;
    case 1: return sign * static_cast<std::int64_t>(below(random, 7200));
    case 2: return sign * static_cast<std::int64_t>(below(random, 60)) * kDay;
    case 3: return sign * static_cast<std::int64_t>(below(random, 3)) * 365 * kDay;
    case 4: return before - 1;  // a leap second: one that comes twice
    default: return kMoments.at(below(random, kMoments.size())) - now;
  }
}

class WrongClock {
 public:
  WrongClock() : file_(directory_.path() / "clock") { set(0); }
  void set(std::int64_t seconds) const {
    const std::filesystem::path next = directory_.path() / "next";
    std::ofstream(next) << (seconds < 0 ? "" : "+") << seconds << "\n";
    std::filesystem::rename(next, file_);
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> environment(
      const std::string& zone) const {
    return {{"LD_PRELOAD", SUDARE_FAKETIME},
            {"FAKETIME_TIMESTAMP_FILE", file_},
            {"FAKETIME_NO_CACHE", "1"},
            {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
            {"TZ", zone}};
  }

 private:
  testkit::TemporaryDirectory directory_;
  std::filesystem::path file_;
};

void publish(testkit::MqttClient& car, std::uint64_t& next, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) car.publish("test/json", numbered_json(next++));
  if (!car.flush()) throw std::runtime_error("the in-vehicle broker takes nothing");
  pause(milliseconds(30));
}

std::uint64_t rejected(const Account& account) {
  const auto found = account.purposes.find("seq");
  if (found == account.purposes.end()) return 0;
  return static_cast<std::uint64_t>(
      found->second.by_fate[static_cast<std::size_t>(Fate::kRejected)]);
}

void check(const Unit& unit, Arrivals& arrivals, std::uint64_t published, std::uint64_t boots,
           const Lot& lot, FaultResult& result) {
  arrivals.take();
  const std::uint64_t missing = arrivals.missing(0, published).size();
  const std::uint64_t with_reason = lot.control ? 0 : rejected(unit.account());
  result.acknowledged += published;
  result.lost += missing > with_reason ? missing - with_reason : 0;
  if (missing > with_reason) {
    result.found(lot.name() + ": " + std::to_string(missing) + " missing, " +
                 std::to_string(with_reason) + " rejected");
  }
  if (!lot.control && arrivals.span_ms() < kHourMs) {
    result.found(lot.name() + ": the gateway's clock did not jump");
  }
  // Each boot may step by 400 days at most, with what wrong clocks agree on.
  std::uint32_t least = UINT32_MAX;
  std::uint32_t most = 0;
  for (const auto& [days, epoch] : arrivals.epochs()) {
    least = std::min(least, epoch);
    most = std::max(most, epoch);
  }
  if (!arrivals.epochs().empty() && (most - least) * 28ULL > 400 * boots + 28) {
    result.found(lot.name() + ": epochs from " + std::to_string(least) + " to " +
                 std::to_string(most));
  }
}

FaultResult jump(const Lot& lot) {
  FaultResult result;
  std::mt19937_64 of_lot = random_of(lot.seed, ~lot.first);
  const WrongClock clock;
  testkit::UnitOptions options;
  options.linger_ms = 50;
  options.extra_config = "commit { interval_ms: 10 }\n";
  options.environment = clock.environment(kZones.at(below(of_lot, kZones.size())));
  Unit unit(options);
  Arrivals arrivals(unit);
  unit.start();
  unit.stop();
  unit.use_program(lot.control ? SUDARE_ACKNOWLEDGE_FIRST : SUDARE_WITHOUT_SANDBOX);
  testkit::MqttClient car(unit.local().port());
  std::uint64_t next = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    std::int64_t now = offset(random, 0);
    clock.set(now);
    unit.start(false);
    testkit::eventually([&] { return connected(unit) || !unit.gateway().running(); });
    for (int jumps = 0; jumps < 4; ++jumps) {
      publish(car, next, kMessages / 4);
      clock.set(now = offset(random, now));
    }
    if (const auto stopped = unit.stop(); !lot.control && stopped.status != 0) {
      result.found(lot.name() + ": ends with an error: " + unit.log());
    }
    find_plaintext(unit, lot.name(), result);
  }
  clock.set(0);
  settle(unit, arrivals, {}, lot, result);
  check(unit, arrivals, next, result.runs + 2, lot, result);
  return result;
}

}  // namespace

Fault clock_jumps() {
  Fault fault;
  fault.name = "clock-jumps";
  fault.what =
      "the clock is wrong at the start, and jumps both ways, over summer time and a leap "
      "second; the control acknowledges before it writes";
  fault.short_runs = 4;
  fault.long_runs = 300;
  fault.run = [](const FaultOptions& options) { return run_in_lots(options, kPlan, jump); };
  return fault;
}

}  // namespace sudare::faults
