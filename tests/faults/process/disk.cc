// The disk under the gateway's state gives no room, no inodes, or nothing at all any more, and then
// does again. The control acknowledges before it writes.
#include <signal.h>

#include <future>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/harm.h"
#include "tests/faults/process/small_disk.h"

namespace sudare::faults {
namespace {

using testkit::eventually;
using testkit::pause;
using testkit::Unit;

constexpr Plan kPlan{.runs_of_lot = 50, .control_runs = 4, .threads = 3};
constexpr std::uint64_t kMessages = 120;  // of a run

// Small, so that its journal is: what is beyond goes to SQLite, which needs room.
testkit::UnitOptions options() {
  testkit::UnitOptions options;
  options.linger_ms = 50;
  options.extra_config =
      "commit { interval_ms: 10 }\nstore { quota_bytes: 2097152 "
      "essential_reserve_bytes: 65536 }\n";
  return options;
}

// A unit whose state is on a disk that is done harm to.
class Harmed {
 public:
  Harmed(const Lot& lot, const std::filesystem::path& state_on)
      : unit_(options()), lot_(lot), disk_(unit_.directory() / state_on) {}

  // Once the disk is there.
  void begin() {
    unit_.set_state(disk_ / "state");
    unit_.write_config();
    unit_.provision();
    arrivals_.emplace(unit_);
    unit_.start();
    car_ = std::make_unique<testkit::MqttClient>(unit_.local().port());
    if (!lot_.control) return;
    unit_.stop();
    unit_.use_program(SUDARE_ACKNOWLEDGE_FIRST);
    start();
  }
  [[nodiscard]] const std::filesystem::path& disk() const { return disk_; }
  Unit& unit() { return unit_; }

  // In twelve bursts, each longer apart than a commit takes to come; some essential.
  void publish() {
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      if (i % 40 == 5) car_->publish("test/urgent", numbered_json(next_++));
      else car_->publish("test/json", numbered_json(next_++));
      if (i % 10 == 9) pause(milliseconds(15));
    }
    if (!car_->flush()) throw std::runtime_error("the in-vehicle broker takes nothing");
  }
  // Where it is not running, or has just been killed. False: it ended, or does not come up.
  bool start() {
    unit_.start(false);
    return eventually([&] { return connected(unit_) || !unit_.gateway().running(); }) &&
           unit_.gateway().running();
  }
  // A commit fails, or the program has ended: the harm is felt.
  bool felt() {
    return eventually(
        [&] {
          return unit_.log().find("commit_failed") != std::string::npos ||
                 !unit_.gateway().running();
        },
        milliseconds(150));
  }
  // Until all that was published has arrived. The harm is over; the gateway may have to be started.
  void recover(std::uint64_t run, FaultResult& result) {
    if (!unit_.gateway().running()) start();
    if (lot_.control) return;
    if (arrivals_->wait_for(0, next_, std::chrono::seconds(12))) return;
    result.found("seed " + std::to_string(lot_.seed) + ", run " + std::to_string(run) +
                 ": does not go on: " + unit_.log());
  }
  void settle_all(FaultResult& result) {
    const std::array<Numbers, 1> published{Numbers{0, next_}};
    settle(unit_, *arrivals_, published, lot_, result);
  }

 private:
  Unit unit_;
  Lot lot_;
  std::filesystem::path disk_;
  std::optional<Arrivals> arrivals_;
  std::unique_ptr<testkit::MqttClient> car_;
  std::uint64_t next_ = 0;
};

void expect_felt(std::uint64_t felt, const Lot& lot, FaultResult& result) {
  if (!lot.control && felt < (result.runs + 1) / 2) {
    result.found(lot.name() + ": the harm was felt in " + std::to_string(felt) + " runs only");
  }
}

// In two of three runs the gateway lives through it; else it is killed while the disk is full, and
// started on the full disk.
FaultResult fill_disk(const Lot& lot) {
  FaultResult result;
  Harmed harmed(lot, "disk");
  const SmallDisk disk(harmed.disk(), 4U << 20, 1000);
  harmed.begin();
  std::uint64_t felt = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    const bool offline = below(random, 2) == 0;
    if (offline) harmed.unit().cloud().signal(SIGSTOP);
    disk.fill_but(below(random, 96) * 1024);
    harmed.publish();
    felt += harmed.felt() ? 1 : 0;
    if (below(random, 3) == 0) {
      harmed.unit().kill();
      harmed.start();
    }
    find_plaintext(harmed.unit(), lot.name(), result);
    disk.make_room();
    if (offline) harmed.unit().cloud().signal(SIGCONT);
    harmed.recover(run, result);
  }
  expect_felt(felt, lot, result);
  harmed.settle_all(result);
  return result;
}

// A start in order needs inodes, for the WAL and its index; one after a kill does not. While the
// gateway runs, a policy that is loaded again can't be remembered.
FaultResult exhaust_inodes(const Lot& lot) {
  FaultResult result;
  Harmed harmed(lot, "disk");
  const SmallDisk disk(harmed.disk(), 16U << 20, 64);
  harmed.begin();
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    const std::uint64_t kind = lot.control ? 0 : below(random, 3);
    if (kind == 1) harmed.unit().stop();
    disk.use_inodes_but(below(random, 2));
    if (kind == 1) harmed.start();
    if (kind == 2) harmed.unit().gateway().signal(SIGHUP);
    harmed.publish();
    if (!lot.control) pause(milliseconds(below(random, 60)));
    if (kind == 0) {
      harmed.unit().kill();
      harmed.start();
    }
    find_plaintext(harmed.unit(), lot.name(), result);
    disk.make_room();
    harmed.recover(run, result);
  }
  harmed.settle_all(result);
  return result;
}

// Nothing can be written until the unit boots and checks its disk.
FaultResult make_read_only(const Lot& lot) {
  FaultResult result;
  Harmed harmed(lot, "disk");
  FlashDisk disk(harmed.disk());
  harmed.begin();
  std::uint64_t felt = 0;
  for (std::uint64_t run = lot.first; run < lot.end; ++run, ++result.runs) {
    std::mt19937_64 random = random_of(lot.seed, run);
    auto later = std::async(std::launch::async, [&disk, us = below(random, 150'000)] {
      std::this_thread::sleep_for(std::chrono::microseconds(us));
      disk.make_read_only();
    });
    harmed.publish();
    later.get();
    felt += harmed.felt() ? 1 : 0;
    find_plaintext(harmed.unit(), lot.name(), result);
    if (below(random, 2) == 0) harmed.unit().stop();
    else harmed.unit().kill();
    disk.repair();
    harmed.recover(run, result);
  }
  expect_felt(felt, lot, result);
  harmed.settle_all(result);
  return result;
}

Fault of_disk(const std::string& name, const std::string& what, std::uint64_t short_runs,
              FaultResult (*do_lot)(const Lot&)) {
  Fault fault;
  fault.name = name;
  fault.what = what + "; the control acknowledges before it writes";
  fault.short_runs = short_runs;
  fault.long_runs = 300;
  fault.run = [do_lot](const FaultOptions& options) {
    const std::string lack = small_disks_lack();
    if (lack.empty()) return run_in_lots(options, kPlan, do_lot);
    FaultResult result;
    result.found("not run: it needs " + lack);
    return result;
  };
  return fault;
}

}  // namespace

Fault disk_full() {
  return of_disk("disk-full", "no room on the disk, sometimes a kill -9 and a start on it", 3,
                 fill_disk);
}

Fault inodes_exhausted() {
  return of_disk("inodes-exhausted",
                 "no inode on the disk while the gateway runs, starts or is killed", 3,
                 exhaust_inodes);
}

Fault disk_read_only() {
  return of_disk("disk-read-only",
                 "an error of the file system makes it read-only under the gateway", 2,
                 make_read_only);
}

}  // namespace sudare::faults
