#include "tests/faults/power/car.h"

#include <fstream>
#include <stdexcept>

#include "crypto/open/key_file.h"
#include "tests/faults/power/messages.h"
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

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::uint64_t fate(const Account& account, Fate which) {
  return static_cast<std::uint64_t>(account.total().by_fate.at(static_cast<std::size_t>(which)));
}

std::mt19937_64 random_of(const Cut& cut) {
  std::seed_seq seeds{cut.seed, cut.seed >> 32U, cut.run};
  return std::mt19937_64(seeds);
}

}  // namespace

Car::Car(fs::path directory, CarProgram program)
    : directory_(std::move(directory)), program_(std::move(program)) {
  fs::create_directories(directory_);
  const testkit::TemporaryDirectory secrets;
  for (const char* purpose : {"seq", "emergency"}) {
    const fs::path file = secrets.path() / purpose;
    unit_.write_key_file(purpose, file);
    auto read = age::open_side::read_key_file(file);
    if (!read) throw std::runtime_error("car: no key");
    keys_.emplace(purpose, std::move(read->front()));
  }
  (void)unit_.recipient();
  make_drive();
}

// The unit's files as they are on the host, but that its brokers are elsewhere.
void Car::make_drive() {
  const fs::path content = directory_ / "content";
  fs::create_directories(content);
  fs::copy(unit_.state(), content / "state", fs::copy_options::recursive);
  fs::copy(unit_.policy_file(), content);
  std::string config = testkit::read_file(unit_.config_file());
  replace_all(config, unit_.local().url(), "mqtt://localhost:" + std::to_string(broker_.port()));
  replace_all(config, unit_.cloud().url(),
              "mqtt://localhost:" + std::to_string(unit_.cloud().port()));
  replace_all(config, unit_.state().string(), "/mnt/state");
  std::ofstream(content / "gateway.textproto") << config;
  const fs::path image = directory_ / "drive";
  std::ofstream(image).close();
  fs::resize_file(image, kDriveBytes);
  const testkit::RunResult made =
      testkit::run({"mkfs.ext4", "-q", "-F", "-b", "4096", "-E",
                    "lazy_itable_init=0,lazy_journal_init=0", "-d", content, image});
  if (made.status != 0) throw std::runtime_error("mkfs.ext4: " + made.errors);
  const std::string bytes = testkit::read_file(image);
  drive_ = std::make_unique<Drive>(Drive::Bytes(bytes.begin(), bytes.end()));
  fs::remove(image);
}

std::string Car::place(const Cut& cut) const {
  return "seed " + std::to_string(cut.seed) + ", run " + std::to_string(cut.run) + " (" +
         directory_.filename().string() + ", boot " + std::to_string(boots_) + "): ";
}

bool Car::boot(const Cut& cut, FaultResult& result) {
  if (cut.cloud != cloud_runs_) {
    if (cut.cloud) unit_.cloud().start();
    else unit_.cloud().stop();
    cloud_runs_ = cut.cloud;
  }
  ++boots_;
  Boot boot;
  boot.program = program_.name;
  boot.preload = program_.preload;
  boot.directory = directory_ / ("boot-" + std::to_string(boots_));
  if (cut.pressure) {
    boot.swap = directory_ / "swap";
    std::ofstream(boot.swap).close();
    fs::resize_file(boot.swap, kSwapBytes);
  }
  machine_ = std::make_unique<Machine>(*drive_, boot);
  if (!machine_->wait_state(kBootLongest)) {
    result.found(place(cut) + "the machine does not boot: " + machine_->console());
    return false;
  }
  return true;
}

// Until the moment that `random` says: from the gateway's start on, or in a flush of the drive.
bool Car::work(const Cut& cut, std::mt19937_64& random, FaultResult& result) {
  const std::uint64_t before = broker_.acknowledged_count();
  const auto enough = [&] { return broker_.acknowledged_count() >= before + 100; };
  const bool early = random() % 8 == 0;  // the program starts or recovers
  if (!early &&
      !testkit::eventually([&] { return enough() || !machine_->running(); }, kBootLongest)) {
    result.found(place(cut) + "the gateway takes nothing: " + machine_->console());
    return false;
  }
  const milliseconds pause(random() % (early ? 2000 : 700));
  if (random() % 2 == 0) {
    drive_->cut_at_flush(1 + random() % 60, random() % 2 == 0);
    (void)drive_->wait_cut(milliseconds(3000));
  } else {
    testkit::pause(pause);
  }
  drive_->cut();
  machine_->kill();
  // What the guest had sent was read to its end.
  return testkit::eventually([&] { return broker_.alone(); });
}

void Car::after_cut(const Cut& cut, std::mt19937_64& random, FaultResult& result) {
  const std::string console = machine_->console();
  machine_.reset();
  if (console.find("guest: disk cache write back") == std::string::npos ||
      console.find("guest: no mount") != std::string::npos) {
    result.found(place(cut) + "the guest is not as it should be: " + console);
  }
  result.plaintext +=
      canaries_in(console) + canaries_in(drive_->with_cache()) + canaries_in(drive_->medium());
  if (cut.pressure) {
    result.plaintext += canaries_in(testkit::read_file(directory_ / "swap"));
  }
  durable_ = broker_.acknowledged();
  result.acknowledged += durable_.size() - counted_;
  counted_ = durable_.size();
  drive_->restart(random);
}

void Car::take_delivered(FaultResult& result) {
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
    result.found(directory_.filename().string() + ": what came for the recipient does not open");
  }
}

std::set<std::uint64_t> Car::missing(const Numbers& recovered, FaultResult& result) {
  take_delivered(result);
  std::set<std::uint64_t> missing;
  for (const std::uint64_t number : durable_) {
    if (!recovered.contains(number) && !delivered_.contains(number) && !lost_.contains(number)) {
      missing.insert(number);
    }
  }
  return missing;
}

void Car::count_lost(const Cut& cut, const Numbers& recovered, FaultResult& result) {
  std::set<std::uint64_t> lost;
  // The recipient may be a little behind its broker.
  testkit::eventually([&] { return (lost = missing(recovered, result)).empty(); },
                      milliseconds(cloud_runs_ ? 3000 : 0));
  if (lost.empty()) return;
  result.lost += lost.size();
  result.found(place(cut) + std::to_string(lost.size()) + " acknowledged messages lost, from " +
               std::to_string(*lost.begin()) + " to " + std::to_string(*lost.rbegin()));
  lost_.merge(lost);
}

// What the boot began with is what the last cut left.
void Car::examine(const Cut& cut, FaultResult& result) {
  Numbers numbers;
  const Recovered recovered =
      recover(directory_ / ("boot-" + std::to_string(boots_)) / "state", keys_, numbers);
  if (!recovered.problem.empty()) result.found(place(cut) + recovered.problem);
  if (recovered.unopened > 0) {
    result.found(place(cut) + std::to_string(recovered.unopened) + " rows do not open");
  }
  const Account& account = recovered.account;
  if (!account.adds_up()) result.found(place(cut) + "the account does not add up");
  // Nothing here is too old, too much or damaged: there is no other reason to lack a message.
  for (const Fate none : {Fate::kRejected, Fate::kEvicted, Fate::kExpired, Fate::kQuarantined}) {
    if (fate(account, none) == 0) continue;
    result.found(place(cut) + std::to_string(fate(account, none)) + " rows are " +
                 std::string(literal_of(none).view()));
  }
  count_lost(cut, numbers, result);
  const std::set<std::uint64_t> repeated = broker_.repeated();
  for (const auto& [number, times] : numbers.counts()) {
    if (times > 1 && !repeated.contains(number)) result.duplicated += times - 1;
  }
}

bool Car::cut(const Cut& cut, FaultResult& result) {
  if (!boot(cut, result)) return false;
  std::mt19937_64 random = random_of(cut);
  if (!work(cut, random, result)) return false;
  examine(cut, result);
  after_cut(cut, random, result);
  ++result.runs;
  return true;
}

bool Car::finish(const Cut& last, bool deliver, FaultResult& result) {
  Cut cut = last;
  cut.cloud = deliver;
  cut.pressure = false;
  if (!boot(cut, result)) return false;
  examine(cut, result);
  const Numbers nothing;
  const bool delivered =
      !deliver ||
      testkit::eventually([&] { return missing(nothing, result).empty(); }, kDrainLongest);
  if (!delivered) count_lost(cut, nothing, result);
  drive_->cut();
  machine_.reset();
  return delivered;
}

}  // namespace sudare::faults
