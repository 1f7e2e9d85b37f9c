#include "tests/faults/process/one_session.h"

#include <signal.h>

#include <fstream>

#include "tests/faults/process/words.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;
using testkit::eventually;
using testkit::pause;
using testkit::Unit;

constexpr const char* kTopic = "test/json";
constexpr const char* kUrgent = "test/urgent";
constexpr const char* kAsked = "test/asked";
constexpr const char* kConsent = "vehicle/consent/asked";

// "seq": the first of them come before the session.
constexpr std::uint64_t kBefore = 20;
constexpr std::uint64_t kFirst = 80;
constexpr std::uint64_t kSecond = 120;
constexpr std::uint64_t kEnd = 140;
// "emergency".
constexpr std::uint64_t kUrgentFirst = 1'000'000;
constexpr std::uint64_t kUrgentBefore = kUrgentFirst + 2;
constexpr std::uint64_t kUrgentEnd = kUrgentFirst + 7;
// "asked": what is evicted, and withdrawn. So many fill the quota.
constexpr std::uint64_t kAskedFirst = 2'000'000;
constexpr std::uint64_t kAskedBefore = kAskedFirst + 150;
constexpr std::uint64_t kAskedEnd = kAskedBefore + 4;

// Longer than a commit takes to come.
constexpr milliseconds kCommitted{40};

testkit::UnitOptions options() {
  testkit::UnitOptions options;
  options.linger_ms = 50;
  options.extra_config =
      "commit { interval_ms: 20 }\nstore { quota_bytes: 1048576 "
      "essential_reserve_bytes: 65536 }\n";
  return options;
}

}  // namespace

OneSession::OneSession() : unit_(options()) { prepare(); }

std::array<Numbers, 2> OneSession::published() {
  return {Numbers{0, kEnd}, Numbers{kUrgentFirst, kUrgentEnd}};
}

void OneSession::prepare() {
  // "asked" goes before "seq" where room is made, and fills the queue.
  std::string policy = unit_.policy_text("2099-12-31");
  replace_after(policy, "name: \"seq\"", "priority: 1", "priority: 5");
  release_words(policy, kAsked);
  std::ofstream(unit_.policy_file()) << policy;
  unit_.recipient();
  unit_.cloud().signal(SIGSTOP);
  // Its status page tells little while it idles, up to a second late: nothing waits for it.
  unit_.start(false);
  until_connected(unit_);
  car_ = std::make_unique<testkit::MqttClient>(unit_.local().port());
  car_->publish(kConsent, R"({"granted": true, "counter": 1})");
  publish(kAskedFirst, kAskedBefore, kAsked);
  publish(kUrgentFirst, kUrgentBefore, kUrgent);
  publish(0, kBefore, kTopic);
  const bool taken = eventually([&] {
    return metric(unit_, "sudare_rows{purpose=\"seq\",fate=\"queued\"}") == kBefore &&
           metric(unit_, "sudare_rows{purpose=\"asked\",fate=\"evicted\"}") > 0;
  });
  if (!taken) throw std::runtime_error("the queue is not filled: " + unit_.get("/metrics").body);
  unit_.kill();
  unit_.cloud().signal(SIGCONT);
  fs::copy(unit_.state(), kept_.path() / "state", fs::copy_options::recursive);
}

void OneSession::wait_until(const std::function<bool()>& done, milliseconds longest) {
  eventually([&] { return !unit_.gateway().running() || done(); }, longest);
}

void OneSession::publish(std::uint64_t first, std::uint64_t end, const std::string& topic) {
  for (std::uint64_t n = first; n < end; ++n) {
    car_->publish(topic, topic == kAsked ? wordy_payload(n) : numbered_json(n));
  }
  if (!car_->flush()) throw std::runtime_error("the in-vehicle broker takes nothing");
  if (unit_.gateway().running()) pause(kCommitted);
}

int OneSession::run(const std::vector<std::string>& command) {
  fs::remove_all(unit_.state());
  fs::copy(kept_.path() / "state", unit_.state(), fs::copy_options::recursive);
  // Nothing leaves before the queue was full once.
  unit_.cloud().signal(SIGSTOP);
  unit_.use_command(command);
  unit_.start(false);
  wait_until([&] { return connected(unit_); }, std::chrono::seconds(20));
  publish(kBefore, kFirst, kTopic);
  publish(kUrgentBefore, kUrgentEnd, kUrgent);
  publish(kAskedBefore, kAskedEnd, kAsked);
  publish(kFirst, kSecond, kTopic);
  car_->publish(kConsent, R"({"granted": false, "counter": 2})");
  publish(kSecond, kEnd, kTopic);
  unit_.cloud().signal(SIGCONT);
  wait_until([&] { return metric(unit_, "sudare_queue_rows") == 0; }, milliseconds(500));
  return unit_.stop().status.value_or(-1);
}

}  // namespace sudare::faults
