#include "tests/faults/power/vehicle.h"

#include <fstream>
#include <regex>
#include <stdexcept>

#include "crypto/open/key_file.h"
#include "tests/faults/power/messages.h"
#include "tests/faults/power/receipt_traffic.h"
#include "tests/faults/power/recording_broker.h"
#include "tests/faults/rig/canary.h"
#include "tests/testkit/fixtures.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::uint64_t kDriveBytes = 96U << 20;
constexpr std::uint64_t kSwapBytes = 192U << 20;

// A guest in translation, on a machine that others use too.
constexpr std::chrono::seconds kBootLongest{90};
constexpr std::chrono::seconds kDrainLongest{120};
constexpr std::chrono::seconds kSwapLongest{30};

// Messages of a boot after which it is under load. Above twice the hundred a run must have on
// average: enough for a cut beside it that hits none.
constexpr std::uint64_t kLoadMessages = 250;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string guest_url(std::uint16_t port) { return "mqtt://localhost:" + std::to_string(port); }

std::mt19937_64 random_of(const Cut& cut) {
  std::seed_seq seeds{cut.seed, cut.seed >> 32U, cut.run};
  return std::mt19937_64(seeds);
}

bool has_swapped(const std::string& console) {
  static const std::regex swapped("guest: swapped [1-9]");
  return std::regex_search(console, swapped);
}

testkit::UnitOptions unit_options(bool mosquitto) {
  testkit::UnitOptions options;
  if (mosquitto) options.extra_config = kReceiptsConfig;
  return options;
}

}  // namespace

Vehicle::Vehicle(VehicleOptions options)
    : options_(std::move(options)), unit_(unit_options(options_.mosquitto)) {
  fs::create_directories(options_.directory);
  const testkit::TemporaryDirectory secrets;
  for (const char* purpose : {"seq", "emergency"}) {
    const fs::path file = secrets.path() / purpose;
    unit_.write_key_file(purpose, file);
    auto read = age::open_side::read_key_file(file);
    if (!read) throw std::runtime_error("vehicle: no key");
    keys_.emplace(purpose, std::move(read->front()));
  }
  (void)unit_.recipient();
  if (options_.mosquitto) {
    // Mosquitto keeps messages for a session that exists, and a producer waits for a receipt.
    unit_.start();
    unit_.stop();
    traffic_ = std::make_unique<ReceiptTraffic>(unit_.local().port());
  } else {
    traffic_ = std::make_unique<RecordingBroker>();
  }
  make_drive();
}

// The unit's files as they are on the host, but that its brokers are elsewhere.
void Vehicle::make_drive() {
  const fs::path content = options_.directory / "content";
  fs::create_directories(content);
  fs::copy(unit_.state(), content / "state", fs::copy_options::recursive);
  fs::copy(unit_.policy_file(), content);
  std::string config = testkit::read_file(unit_.config_file());
  replace_all(config, unit_.local().url(), guest_url(traffic_->port()));
  replace_all(config, unit_.cloud().url(), guest_url(unit_.cloud().port()));
  replace_all(config, unit_.state().string(), "/mnt/state");
  std::ofstream(content / "gateway.textproto") << config;
  const fs::path image = options_.directory / "drive";
  std::ofstream(image).close();
  fs::resize_file(image, kDriveBytes);
  const testkit::RunResult made =
      testkit::run({"mkfs.ext4", "-q", "-F", "-b", "4096", "-E",
                    "lazy_itable_init=0,lazy_journal_init=0", "-d", content, image});
  if (made.status != 0) throw std::runtime_error("mkfs.ext4: " + made.errors);
  const std::string bytes = testkit::read_file(image);
  drive_ = std::make_unique<Drive>(Drive::Bytes(bytes.begin(), bytes.end()));
  fs::remove(image);
  if (options_.lying_drive) drive_->lie();
}

std::string Vehicle::place(const Cut& cut) const {
  return "seed " + std::to_string(cut.seed) + ", run " + std::to_string(cut.run) + " (" +
         options_.directory.filename().string() + ", boot " + std::to_string(boots_) + "): ";
}

void Vehicle::boot(const Cut& cut) {
  if (cut.cloud != cloud_runs_) {
    if (cut.cloud) unit_.cloud().start();
    else unit_.cloud().stop();
    cloud_runs_ = cut.cloud;
  }
  boot_directory_ = options_.directory / ("boot-" + std::to_string(++boots_));
  Boot boot;
  boot.program = options_.program;
  boot.preload = options_.preload;
  boot.directory = boot_directory_;
  if (cut.pressure) {
    boot.swap = options_.directory / "swap";
    std::ofstream(boot.swap).close();
    fs::resize_file(boot.swap, kSwapBytes);
  }
  machine_ = std::make_unique<Machine>(*drive_, boot);
}

bool Vehicle::wait_booted(const Cut& cut, FaultResult& result) {
  if (machine_->wait_state(kBootLongest)) return true;
  result.found(place(cut) + "the machine does not boot: " + machine_->console());
  return false;
}

// Until the moment of the cut: while the gateway starts or recovers, under load, or in a flush
// under load; or until the power is gone already.
bool Vehicle::work(const Cut& cut, std::mt19937_64& random, FaultResult& result) {
  const bool starting = cut.moment == Moment::kStarting;
  const bool in_flush = random() % 2 == 0 && !cut.control;
  const bool after = random() % 2 == 0;
  const std::uint64_t flush = 1 + random() % 60;
  const milliseconds pause(random() % (starting ? 2000 : 700) + (cut.control ? 1000 : 0));
  const std::uint64_t before = traffic_->progress();
  const auto off = [&] { return drive_->wait_cut(milliseconds(0)); };
  const auto done = [&] { return off() || traffic_->progress() >= before + kLoadMessages; };
  if (!starting &&
      !(testkit::eventually([&] { return done() || !machine_->running(); }, kBootLongest) &&
        done())) {
    result.found(place(cut) + "the gateway takes nothing: " + machine_->console());
    return false;
  }
  if (off()) return true;
  if (cut.control && cut.pressure) {
    testkit::eventually([&] { return has_swapped(machine_->console()) || !machine_->running(); },
                        kSwapLongest);
  }
  if (in_flush) {
    drive_->cut_at_flush(flush, after);
    (void)drive_->wait_cut(milliseconds(1500));
  } else {
    testkit::pause(pause);
  }
  return true;
}

void Vehicle::after_cut(const Cut& cut, std::mt19937_64& random, FaultResult& result) {
  drive_->cut();
  machine_->kill();
  // What the guest had sent is read to its end.
  if (!testkit::eventually([&] { return traffic_->heard_all(); })) {
    result.found(place(cut) + "connections of a dead machine");
  }
  const std::string console = machine_->console();
  machine_.reset();
  for (const char* trouble : {"guest: no mount", "guest: the program ended", "Kernel panic",
                              "EXT4-fs error", "write through"}) {
    if (console.find(trouble) == std::string::npos) continue;
    result.found(place(cut) + trouble + ": " + console);
  }
  swapped_ = swapped_ || has_swapped(console);
  std::uint64_t plaintext = canaries_in(console) + canaries_on_disk(drive_->with_cache()) +
                            canaries_on_disk(drive_->medium());
  if (cut.pressure) {
    plaintext += canaries_on_disk(testkit::read_file(options_.directory / "swap"));
  }
  if (plaintext > 0) {
    result.plaintext += plaintext;
    result.found(place(cut) + std::to_string(plaintext) + " canaries on disk, in swap or console");
  }
  const std::size_t before = durable_.size();
  durable_ = traffic_->acknowledged();
  result.acknowledged += durable_.size() - before;
  drive_->restart(random);
}

void Vehicle::take_delivered(FaultResult& result) {
  if (unit_.recipient().received() == received_) return;
  const std::vector<testkit::MqttMessage> messages = unit_.recipient().messages();
  for (; received_ < messages.size(); ++received_) {
    const testkit::MqttMessage& message = messages[received_];
    const std::string rest = message.topic.substr(std::string("sudare/1/").size());
    result.plaintext += canaries_in(message.topic) + canaries_in(message.payload);
    if (delivered_.add(keys_, rest.substr(0, rest.find('/')),
                       {reinterpret_cast<const std::uint8_t*>(message.payload.data()),
                        message.payload.size()})) {
      continue;
    }
    result.found(options_.directory.filename().string() + ": a message to the cloud does not open");
  }
}

// What was acknowledged and neither `recovered` nor the recipient has. The latter may be a little
// behind its broker.
void Vehicle::count_lost(const Cut& cut, const Numbers& recovered, milliseconds longest,
                         FaultResult& result) {
  std::set<std::uint64_t> missing;
  for (const std::uint64_t number : durable_) {
    if (!recovered.contains(number) && !lost_.contains(number)) missing.insert(number);
  }
  testkit::eventually(
      [&] {
        take_delivered(result);
        for (auto at = missing.begin(); at != missing.end() && delivered_.contains(*at);) {
          at = missing.erase(at);
        }
        return missing.empty();
      },
      longest);
  std::erase_if(missing, [&](std::uint64_t number) { return delivered_.contains(number); });
  if (missing.empty()) return;
  result.lost += missing.size();
  result.found(place(cut) + std::to_string(missing.size()) + " acknowledged messages lost, from " +
               std::to_string(*missing.begin()) + " to " + std::to_string(*missing.rbegin()));
  lost_.merge(missing);
}

void Vehicle::count_duplicated(const Cut& cut, const Numbers& all, FaultResult& result) {
  std::uint64_t count = 0;
  for (const auto& [number, times] : all.counts()) {
    if (times < 2 || traffic_->may_repeat(number) || !duplicated_.insert(number).second) continue;
    ++count;
  }
  if (count == 0) return;
  result.duplicated += count;
  result.found(place(cut) + std::to_string(count) + " messages twice");
}

// What the boot began with is what the last cut left.
void Vehicle::examine(const Cut& cut, FaultResult& result) {
  take_delivered(result);
  Numbers all = delivered_;
  const Recovered recovered = recover(boot_directory_ / "state", keys_, all);
  if (!recovered.problem.empty()) result.found(place(cut) + recovered.problem);
  if (recovered.unopened > 0) {
    result.found(place(cut) + std::to_string(recovered.unopened) + " rows do not open");
  }
  if (!recovered.account.adds_up()) result.found(place(cut) + "the account does not add up");
  // Nothing here is malformed, too old, too much or damaged: no other reason to lack a message.
  const FateCounts total = recovered.account.total();
  for (const Fate none : {Fate::kRejected, Fate::kEvicted, Fate::kExpired, Fate::kQuarantined}) {
    const std::int64_t rows = total.by_fate.at(static_cast<std::size_t>(none));
    if (rows == 0) continue;
    result.found(place(cut) + std::to_string(rows) + " rows are " +
                 std::string(literal_of(none).view()));
  }
  count_lost(cut, all, milliseconds(cloud_runs_ ? 3000 : 0), result);
  count_duplicated(cut, all, result);
}

bool Vehicle::cut(const Cut& cut, FaultResult& result) {
  std::mt19937_64 random = random_of(cut);
  if (boots_ > 0 && cut.moment == Moment::kRecoveringFiles) {
    drive_->cut_at_flush(1 + random() % 6, random() % 2 == 0);
  }
  boot(cut);
  const bool booted = machine_->wait_state(kBootLongest);
  const bool cut_early = drive_->wait_cut(milliseconds(0));
  if (!booted && !cut_early) {
    result.found(place(cut) + "the machine does not boot: " + machine_->console());
    return false;
  }
  if (booted && !cut_early && !work(cut, random, result)) return false;
  if (booted) examine(cut, result);
  after_cut(cut, random, result);
  ++result.runs;
  return true;
}

void Vehicle::finish(const Cut& last, bool deliver, FaultResult& result) {
  Cut cut = last;
  cut.cloud = deliver;
  cut.pressure = false;
  boot(cut);
  if (!wait_booted(cut, result)) return;
  examine(cut, result);
  if (deliver) {
    if (!traffic_->stop()) result.found(place(cut) + "the gateway does not take the rest");
    durable_ = traffic_->acknowledged();
    count_lost(cut, {}, kDrainLongest, result);
    count_duplicated(cut, delivered_, result);
  }
  drive_->cut();
  machine_.reset();
}

}  // namespace sudare::faults
