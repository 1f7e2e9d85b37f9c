#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "tests/faults/pipeline/pipeline.h"
#include "tests/faults/pipeline/plan.h"
#include "tests/faults/pipeline/unit.h"
#include "tests/faults/rig/canary.h"

namespace sudare::faults {
namespace {

constexpr const char* kDirectory = "/car/state";
constexpr const char* kMarker = "sudare-marker-5a";
constexpr int kStepsLeast = 150;
constexpr int kStepsMost = 400;
constexpr std::uint64_t kAcknowledgedLeast = 100;
// A control's disk may have rotted so far that nothing is taken any more.
constexpr int kStepsEver = 20 * kStepsMost;
constexpr int kSettleRounds = 3000;
constexpr int kStartsMost = 50;

class SeedRun {
 public:
  SeedRun(std::uint64_t seed, Subject subject)
      : dice_(seed),
        disk_(dice_.number()),
        cloud_(dice_,
               [this](const std::string& topic, const std::string& file) {
                 const std::size_t begin = std::string("sudare/1/").size();
                 ledger_.published(topic.substr(begin, topic.rfind('/') - begin), file);
               }),
        around_{dice_,
                disk_,
                clock_,
                car_,
                cloud_,
                ledger_,
                {kDirectory, kQuotaBytesMin * dice_.between(1, 4), kQuotaBytesMin / 4,
                 dice_.once_in(4) ? 0U : 65'536U, &disk_}},
        subject_(subject) {
    around_.acknowledges_first = subject == Subject::kAcknowledgesFirst;
    disk_.watch_for({std::string(kCanaryVin), std::string(kCanaryEmail), kMarker});
  }

  void run() {
    start();
    if (subject_ == Subject::kLyingDisk) disk_.set_lying(true);
    const int steps = static_cast<int>(dice_.between(kStepsLeast, kStepsMost));
    const auto enough = [&](int step) {
      return step >= steps && (ledger_.acknowledged() >= kAcknowledgedLeast || step >= kStepsEver);
    };
    for (int step = 0; sound() && !enough(step); ++step) {
      this->step();
      if (disk_.stopped()) end();
    }
    settle();
  }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] std::uint64_t plaintext() const { return disk_.watched_found(); }
  [[nodiscard]] bool starts() const { return unit_ != nullptr; }

 private:
  [[nodiscard]] bool sound() const { return ledger_.finding().empty(); }

  void start() {
    for (int attempt = 0; attempt < kStartsMost && !unit_; ++attempt) {
      clock_.advance_ms(static_cast<std::int64_t>(dice_.below(5000)));
      clock_.set_monotonic_ms(500);
      auto started = Unit::start(around_);
      if (started) {
        unit_ = std::move(*started);
        return;
      }
      // A unit that can't start under a fault is started again, by then without it.
      if (attempt > 5) heal();
      lose_process(static_cast<std::uint64_t>(attempt));
      if (attempt + 1 == kStartsMost) {
        ledger_.find("does not start: " + std::string(started.error().what.view()) + " " +
                     std::to_string(started.error().detail));
      }
    }
  }

  void heal() {
    disk_.fail_once_in(0);
    disk_.set_capacity(0);
  }

  void lose_process(std::uint64_t way) {
    if (disk_.stopped() && way % 2 == 0) disk_.start_after_power_cut();
    else disk_.start_after_kill();
  }

  // The process ends, one way or another, and starts again.
  void end() {
    disk_.stop();
    unit_.reset();
    ledger_.restarted();
    lose_process(dice_.below(3) == 0 ? 1 : 0);
    start();
  }

  void step() {
    if (dice_.once_in(8)) find_time();
    const std::uint64_t what = dice_.below(100);
    if (what < 40) traffic();
    else if (what < 45) consent();
    else if (what < 55) clock_.advance_ms(static_cast<std::int64_t>(dice_.below(4000)));
    else if (what < 57) jump();
    else if (what < 62) cloud_.set_mood(static_cast<CloudMood>(dice_.below(kCloudMoods)));
    else if (what < 64) cloud_.disconnect();
    else if (what < 65) unit_->use_policy();
    else if (what < 70) disk_fault();
    else if (what < 72) restart();
    if (disk_.stopped() || !unit_) return;
    clock_.advance_ms(static_cast<std::int64_t>(dice_.below(150)));
    unit_->turn();
    if (disk_.stopped() || dice_.once_in(3)) return;
    unit_->upload();
  }

  void traffic() {
    for (std::uint64_t i = dice_.between(1, 6); i > 0; --i) {
      static constexpr const char* kTopics[] = {
          "a", "a", "b", "b", "c", "urgent", "gnss", "position", "position", "nobody's"};
      CarMessage message;
      message.number = ++number_;
      message.topic = kTopics[dice_.below(std::size(kTopics))];
      if (dice_.once_in(30)) return ignition();
      message.payload = "{\"n\":" + std::to_string(number_) + ",\"s\":\"" + kMarker +
                        std::string(dice_.once_in(20) ? 3000 : 10, 'x') + "\",\"vin\":\"" +
                        std::string(kCanaryVin) + "\",\"mail\":\"" + std::string(kCanaryEmail) +
                        "\",\"t\":" + std::to_string(clock_.wall_ms()) + place() + "}";
      message.retained = dice_.once_in(40);
      message.malformed = dice_.once_in(40);
      if (message.malformed) message.payload.resize(dice_.below(message.payload.size()));
      if (dice_.once_in(2)) {
        message.sequence = std::string(kProducerName) + "/" + std::to_string(++sequence_) + "/1";
      }
      car_.publish(std::move(message));
    }
  }
  void ignition() {
    driving_ = !driving_;
    car_.publish({0, "ignition", driving_ ? "{\"on\":true}" : "{\"on\":false}", "", false, false});
  }
  std::string place() {
    metres_ += static_cast<double>(dice_.below(400));
    char text[64];
    std::snprintf(text, sizeof text, ",\"lat\":35.005,\"lon\":%.5f", 139.0 + metres_ * 1.1e-5);
    return text;
  }

  void consent() {
    static constexpr const char* kPurposes[] = {"open", "asked", "asked", "plain", "moves"};
    const bool granted = !dice_.once_in(3);
    car_.publish({0,
                  std::string(kConsentTopic) + "/" + kPurposes[dice_.below(std::size(kPurposes))],
                  std::string("{\"granted\":") + (granted ? "true" : "false") +
                      ",\"counter\":" + std::to_string(++counter_) + "}",
                  "", false, false});
  }

  void jump() {
    const std::int64_t hours = static_cast<std::int64_t>(dice_.below(60)) - 20;
    if (dice_.once_in(4)) absurd();
    else if (dice_.once_in(3)) clock_.set_wall_ms(clock_.wall_ms() + hours * 3'600'000);
    else clock_.advance_ms(std::abs(hours) * 600'000);
  }

  // 1970 or 2100, until a receiver finds the time.
  void absurd() {
    if (right_wall_ms_ == 0) right_wall_ms_ = clock_.wall_ms();
    clock_.set_wall_ms(dice_.once_in(2) ? 0 : 4'102'444'800'000);
  }
  void find_time() {
    if (right_wall_ms_ != 0) clock_.set_wall_ms(right_wall_ms_);
    right_wall_ms_ = 0;
  }

  void disk_fault() {
    switch (dice_.below(6)) {
      case 0: disk_.fail_once_in(dice_.between(20, 300)); break;
      case 1: disk_.set_capacity(disk_.used_bytes() + dice_.below(200'000)); break;
      case 2:
      case 3: disk_.cut_power_in(dice_.between(1, 80)); break;
      default: heal();
    }
  }

  void restart() {
    if (dice_.once_in(2) && unit_->shut_down() && !disk_.stopped()) {
      unit_.reset();
      if (!disk_.stopped()) {
        ledger_.restarted();
        return start();
      }
    }
    end();
  }

  // Everything is well again: what was acknowledged arrives, or the account says why not.
  void settle() {
    if (!sound()) return;
    disk_.set_lying(false);
    if (subject_ != Subject::kRight || dice_.once_in(2)) end();
    else heal();
    heal();
    disk_.cut_power_in(0);
    find_time();
    cloud_.set_mood(CloudMood::kGood);
    for (int round = 0; sound() && unit_ && round < kSettleRounds; ++round) {
      clock_.advance_ms(1000);
      unit_->turn();
      unit_->upload();
      const bool quiet = car_.empty() && unit_->store().status().rows == 0;
      if (quiet && round > 150) break;
      if (quiet || round % 100 == 99) static_cast<void>(unit_->shut_down());
    }
    if (!unit_) return;
    if (!car_.empty()) ledger_.find("the broker's queue is not taken");
    if (unit_->store().status().rows > 0) ledger_.find("rows are left that nothing sends");
    if (sound()) ledger_.settle(unit_->store().account());
  }

  Dice dice_;
  FakeDisk disk_;
  testkit::ManualClock clock_;
  CarBroker car_;
  Ledger ledger_;
  CloudBroker cloud_;
  Surroundings around_;
  Subject subject_;
  std::unique_ptr<Unit> unit_;
  std::uint64_t number_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t counter_ = 0;
  std::int64_t right_wall_ms_ = 0;  // while the clock is absurdly wrong
  bool driving_ = false;
  double metres_ = 0;
};

}  // namespace

void pipeline_seed(std::uint64_t seed, Subject subject, FaultResult& result) {
  make_randomness_follow(seed);
  SeedRun run(seed, subject);
  run.run();
  const Ledger& ledger = run.ledger();
  if (subject != Subject::kRight) {
    ++result.control_runs;
    result.control_lost += ledger.lost() + (run.starts() ? 0 : ledger.acknowledged());
    return;
  }
  ++result.runs;
  result.acknowledged += ledger.acknowledged();
  result.lost += ledger.lost();
  result.duplicated += ledger.duplicated();
  result.plaintext += run.plaintext();
  if (ledger.finding().empty()) return;
  result.found("seed " + std::to_string(seed) + ": " + ledger.finding() +
               "; again: SUDARE_SEED=" + std::to_string(seed) + " faults_pipeline_test");
}

}  // namespace sudare::faults
