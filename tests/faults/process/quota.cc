// The store's own quota is reached while the cloud is away: what is evicted is in the account and
// is told to the recipient; what is essential is not evicted, but waits in the in-vehicle broker.
// The control acknowledges before it writes, and what does not fit is gone.
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"
#include "tests/faults/process/words.h"

namespace sudare::faults {
namespace {

using testkit::eventually;
using testkit::pause;
using testkit::Unit;
namespace fs = std::filesystem;

constexpr Plan kPlan{.runs_of_lot = 20, .control_runs = 1, .threads = 3};
constexpr std::uint64_t kUrgentFirst = 1'000'000;
constexpr std::uint64_t kUrgentEvery = 4;
constexpr std::uint64_t kFilling = 300;  // more than the quota holds
constexpr milliseconds kRest{500};       // of the control: it commits each 100 ms

// The least that a store has.
testkit::UnitOptions options() {
  testkit::UnitOptions options;
  options.linger_ms = 20;
  options.extra_config =
      "commit { interval_ms: 5 }\nstore { quota_bytes: 1048576 "
      "essential_reserve_bytes: 65536 }\n";
  return options;
}

std::uint64_t count_of(const Account& account, const std::string& purpose, Fate fate) {
  const auto found = account.purposes.find(purpose);
  if (found == account.purposes.end()) return 0;
  return static_cast<std::uint64_t>(found->second.by_fate[static_cast<std::size_t>(fate)]);
}

class FullQuota {
 public:
  explicit FullQuota(const Lot& lot) : lot_(lot), unit_(options()), arrivals_(unit_) {
    std::string policy = unit_.policy_text("2099-12-31");
    for (const char* topic : {"test/json", "test/urgent"}) release_words(policy, topic);
    std::ofstream(unit_.policy_file()) << policy;
    unit_.start();
    if (lot.control) {
      unit_.stop();
      unit_.use_program(SUDARE_ACKNOWLEDGE_FIRST);
      unit_.start(false);
      came_up_in_ = until_connected(unit_);
    }
    car_ = std::make_unique<testkit::MqttClient>(unit_.local().port());
  }

  // The cloud goes, the car goes on until rows are evicted and after, and the cloud comes back.
  void run(std::uint64_t run, FaultResult& result) {
    std::mt19937_64 random = random_of(lot_.seed, run);
    const std::uint64_t before = evicted();
    unit_.cloud().signal(SIGSTOP);
    publish(kFilling, false);
    const bool full = eventually([&] { return evicted() > before || lot_.control; });
    if (!full) result.found(lot_.name() + ": nothing was evicted");
    publish(100 + below(random, 300), true);
    pause(milliseconds(below(random, 300)));
    unit_.cloud().signal(SIGCONT);
    if (lot_.control) return;
    if (!eventually([&] { return taken() >= next_ && metric(unit_, "sudare_queue_rows") == 0; },
                    std::chrono::seconds(30))) {
      result.found(lot_.name() + ": run " + std::to_string(run) + " does not drain");
    }
  }

  void end(FaultResult& result) {
    if (lot_.control) {
      wait_until_it_rests();
      unit_.gateway().kill();
      const std::array<Numbers, 2> all{Numbers{0, next_}, Numbers{kUrgentFirst, urgent_}};
      return settle(unit_, arrivals_, all, lot_, result);
    }
    // The recipient is told with what comes next.
    for (int i = 0; i < 3; ++i) {
      publish(4, false);
      pause(milliseconds(100));
    }
    // Of these each one must come. What is evicted of the others is known when all is settled.
    const std::array<Numbers, 1> essential{Numbers{kUrgentFirst, urgent_}};
    settle(unit_, arrivals_, essential, lot_, result);
    const Account account = unit_.account();
    const std::uint64_t missing = arrivals_.missing(0, next_).size();
    // One that was on its way when it was evicted may arrive all the same.
    const std::uint64_t with_reason = count_of(account, "seq", Fate::kEvicted);
    result.acknowledged += next_;
    result.lost += missing > with_reason ? missing - with_reason : 0;
    if (missing > with_reason || arrivals_.untold() > 0) {
      result.found(lot_.name() + ": " + std::to_string(missing) + " missing, " +
                   std::to_string(with_reason) + " in the account as evicted, of " +
                   std::to_string(arrivals_.untold()) + " the recipient was not told");
    }
    if (count_of(account, "emergency", Fate::kEvicted) > 0) {
      result.found(lot_.name() + ": an essential row was evicted");
    }
  }

 private:
  // The control, which has no status page: until it has seen all, however slow it is.
  void wait_until_it_rests() const {
    fs::file_time_type written;
    (void)eventually([&] {
      pause(std::max(kRest, came_up_in_));
      return std::exchange(written, last_written()) == written;
    });
  }
  [[nodiscard]] fs::file_time_type last_written() const {
    fs::file_time_type last;
    std::error_code gone;
    for (const auto& file : fs::directory_iterator(unit_.state(), gone)) {
      last = std::max(last, file.last_write_time(gone));
    }
    return last;
  }
  [[nodiscard]] std::uint64_t evicted() const {
    return static_cast<std::uint64_t>(
        std::max(0.0, metric(unit_, "sudare_rows{purpose=\"seq\",fate=\"evicted\"}")));
  }
  [[nodiscard]] std::uint64_t taken() const {
    return static_cast<std::uint64_t>(
        std::max(0.0, metric(unit_, "sudare_rows_taken_total{purpose=\"seq\"}")));
  }
  // `urgent`: some of them are.
  void publish(std::uint64_t count, bool urgent) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (urgent && i % kUrgentEvery == 0) car_->publish("test/urgent", wordy_payload(urgent_++));
      else car_->publish("test/json", wordy_payload(next_++));
    }
    if (!car_->flush()) throw std::runtime_error("the in-vehicle broker takes nothing");
  }

  Lot lot_;
  Unit unit_;
  Arrivals arrivals_;
  std::unique_ptr<testkit::MqttClient> car_;
  milliseconds came_up_in_{0};  // the control
  std::uint64_t next_ = 0;
  std::uint64_t urgent_ = kUrgentFirst;
};

FaultResult reach_quota(const Lot& lot) {
  FaultResult result;
  FullQuota quota(lot);
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) quota.run(run, result);
  quota.end(result);
  return result;
}

}  // namespace

Fault quota_reached() {
  Fault fault;
  fault.name = "quota-reached";
  fault.what =
      "the store's quota is reached while the cloud is away; the control acknowledges "
      "before it writes";
  fault.short_runs = 1;
  fault.long_runs = 200;
  fault.run = [](const FaultOptions& options) { return run_in_lots(options, kPlan, reach_quota); };
  return fault;
}

}  // namespace sudare::faults
