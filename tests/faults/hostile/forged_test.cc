// Forged and replayed control, consent and sensor messages, through a good broker to the running
// gateway: what each is worth.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/faults/network/world.h"
#include "tests/faults/rig/canary.h"
#include "tests/system/gateway/unit.h"

namespace sudare::faults {
namespace {

using testkit::eventually;
using testkit::MqttClient;
using testkit::Unit;

constexpr const char* kGranted = R"({"granted": true, "counter": 1})";
constexpr const char* kWithdrawn = R"({"granted": false, "counter": 2})";

class Forged : public testing::Test {
 protected:
  void begin(const testkit::UnitOptions& options = {}) {
    unit = std::make_unique<Unit>(options);
    unit->recipient();
    unit->start();
    app = std::make_unique<MqttClient>(unit->local().port());
  }
  [[nodiscard]] double metric(const std::string& name) const {
    return metric_of(unit->get("/metrics").body, name);
  }
  [[nodiscard]] bool becomes(const std::string& name, double value) const {
    return eventually([&] { return metric(name) == value; });
  }
  void consent(const std::string& purpose, const std::string& payload) const {
    app->publish("vehicle/consent/" + purpose, payload, 1, true);
  }
  // Everything before it has been taken: one session's order.
  void pass(std::uint64_t number) const {
    app->publish("test/json", numbered_json(number));
    ASSERT_TRUE(app->flush());
    ASSERT_TRUE(eventually([&] { return unit->opened().numbers.count(number) > 0; }));
  }
  // Numbers from 100 on are what must not arrive.
  void expect_nothing_forged_arrives() const {
    EXPECT_EQ(unit->stop().status, 0);
    EXPECT_TRUE(unit->account().adds_up());
    for (const std::uint64_t number : unit->opened().numbers) EXPECT_LT(number, 100U);
  }

  std::unique_ptr<Unit> unit;
  std::unique_ptr<MqttClient> app;
};

TEST_F(Forged, ConsentThatNobodyGaveIsRefused) {
  begin();
  constexpr int kAll = 9;
  consent("asked", R"({"granted": "true", "counter": 1})");
  consent("asked", R"({"granted": true})");
  consent("asked", R"({"granted": true, "counter": -1})");
  consent("asked", R"({"granted": true, "counter": 1.5})");
  consent("asked", R"({"granted": true, "counter": 99999999999999999999})");
  consent("asked", R"({"granted": true, "counter": 1, "granted": true})");
  consent("asked", R"([{"granted": true, "counter": 1}])");
  consent("asked", std::string(60'000, ' ') + kGranted);
  consent("asked", "");
  app->publish("test/asked", numbered_json(100));
  pass(1);
  EXPECT_TRUE(becomes("sudare_consent_refused_total", kAll));
  EXPECT_EQ(metric("sudare_consent_changes_total"), 0);
  expect_nothing_forged_arrives();
}

TEST_F(Forged, AnOldGrantIsRefusedAlsoAfterARestartAndRetained) {
  begin();
  consent("asked", kGranted);
  consent("asked", kWithdrawn);
  ASSERT_TRUE(app->flush());
  ASSERT_TRUE(becomes("sudare_consent_changes_total", 2));
  consent("asked", kGranted);  // replayed, and retained by the broker in the withdrawal's place
  ASSERT_TRUE(becomes("sudare_consent_refused_total", 1));
  app->publish("test/asked", numbered_json(100));
  pass(1);
  unit->kill();
  unit->start();
  ASSERT_TRUE(becomes("sudare_consent_refused_total", 1));
  app->publish("test/asked", numbered_json(101));
  pass(2);
  expect_nothing_forged_arrives();
}

TEST_F(Forged, ConsentForPurposesThatNoPolicyNamesIsBoundedAndDisturbsNone) {
  begin();
  constexpr int kNames = 2000;
  for (int i = 0; i < kNames; ++i) {
    app->publish("vehicle/consent/p" + std::to_string(i), kGranted);
  }
  app->publish("vehicle/consent/JTDBR32E720012345", kGranted);
  app->publish("vehicle/consent/" + std::string(2000, 'x'), kGranted);
  app->publish("vehicle/consent/seq/more", kWithdrawn);
  consent("asked", kGranted);
  app->publish("test/asked", numbered_json(2));
  pass(1);
  EXPECT_TRUE(eventually([&] { return unit->opened().numbers.count(2) > 0; }));
  EXPECT_GT(metric("sudare_consent_refused_total"), kNames - 300);
  EXPECT_FALSE(grows(unit->gateway().pid()));
  expect_nothing_forged_arrives();
}

TEST_F(Forged, GarbageAboutTheNetworkIsNoLeaveToSend) {
  testkit::UnitOptions options;
  options.clips =
      "profile: ORIGINAL_PICTURE trigger: IMPACT before_s: 60 after_s: 60 afterwards: DELETE "
      "rejected: KEEP chunk_bytes: 65536 unmetered_only: true";
  begin(options);
  const auto say = [&](const std::string& word) { app->publish("vehicle/network", word); };
  say("unmetered");
  ASSERT_TRUE(becomes("sudare_network_unmetered", 1)) << unit->log();
  say("unmetered ");
  ASSERT_TRUE(becomes("sudare_network_unmetered", 0));
  for (const std::string& word :
       {std::string("UNMETERED"), std::string("unmetered\0", 10), std::string("{\"unmetered\": 1}"),
        std::string(60'000, 'u'), std::string()}) {
    say("unmetered");
    say(word);
  }
  pass(1);
  EXPECT_TRUE(becomes("sudare_network_unmetered", 0));
}

// What an app may publish where the broker lets it: the gateway cannot tell who it was, but no form
// of it gets out what the policy does not name.
TEST_F(Forged, SensorMessagesOfAnAppReleaseNoMoreThanThePolicyNames) {
  begin();
  app->publish("test/json", "{\"seq\": 1, \"seq\": 100}");
  app->publish("test/json", R"({"seq": {"seq": 100}, "vin": "JTDKARFU8Q3CANARY"})");
  app->publish("test/json", R"({"seq": "JTDBR32E720012345"})");
  app->publish("test/json", R"({"seq": "canary.8731@example.jp"})");
  app->publish("test/json/more", numbered_json(101));
  app->publish("$SYS/test/json", numbered_json(102));
  app->publish("vehicle/position", numbered_json(103));
  app->publish("test/json", numbered_json(104), 1, true);  // retained: not for whoever comes later
  app->publish("vehicle/position", std::string(50'000, '\x08'));
  pass(1);
  unit->kill();
  unit->start();
  pass(2);
  EXPECT_EQ(unit->stop().status, 0);
  EXPECT_TRUE(unit->account().adds_up());
  std::string all;
  for (const v1::Batch& batch : unit->opened().batches) all += batch.SerializeAsString();
  EXPECT_EQ(canaries_in(all), 0U);
  EXPECT_EQ(all.find("JTDBR32E7"), all.npos);
}

TEST_F(Forged, AForgedReceiptIsNobodysWord) {
  testkit::UnitOptions options;
  options.extra_config = "receipts { name: \"car\" topic: \"test/#\" }\n";
  begin(options);
  // Another app says that more is received than is; the gateway's next receipt is its own again.
  app->subscribe("vehicle/receipt/car");
  app->publish("vehicle/receipt/car", "999999", 1, true);
  ASSERT_TRUE(app->flush());
  pass(1);
  unit->kill();
  unit->start();
  EXPECT_TRUE(eventually([&] {
    const auto messages = app->messages();
    return !messages.empty() && messages.back().payload == "0";
  }));
}

}  // namespace
}  // namespace sudare::faults
