// What the gateway promises, shown with real brokers: every message that it acknowledges arrives,
// sealed, at the cloud.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "tests/system/gateway/unit.h"
#include "tests/testkit/fixtures.h"

namespace sudare::testkit {
namespace {

std::string with(std::string text, const std::string& what, const std::string& instead) {
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + instead.size())) {
    text.replace(at, what.size(), instead);
  }
  return text;
}

// Publishes numbers [from, to) and waits for the in-vehicle broker's receipts.
void publish_numbers(MqttClient& car, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t n = from; n < to; ++n) car.publish("test/json", Unit::number_payload(n));
  ASSERT_TRUE(car.flush());
}

class GatewaySystem : public ::testing::TestWithParam<bool> {
 protected:
  static UnitOptions options() {
    UnitOptions options;
    options.mqtt_311 = GetParam();
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Mqtt, GatewaySystem, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Mqtt311" : "Mqtt5"; });

TEST_P(GatewaySystem, MessagesArriveSealedAndOpenAgain) {
  Unit unit(options());
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 500);
  for (std::uint64_t n = 0; n < 100; ++n)
    car.publish("vehicle/position", Unit::position_payload(n));
  ASSERT_TRUE(unit.wait_for_numbers(500)) << unit.log();
  ASSERT_TRUE(eventually([&] { return unit.opened().records["seq"] == 600; }));
  EXPECT_EQ(unit.opened().failures, 0U);
  const auto stopped = unit.stop();
  EXPECT_EQ(stopped.status, 0);
  const Account account = unit.account();
  EXPECT_TRUE(account.adds_up());
  EXPECT_EQ(account.total().taken, 600U);
}

TEST_P(GatewaySystem, AnEmergencyIsNotHeldByLinger) {
  UnitOptions slow = options();
  slow.linger_ms = 600'000;
  Unit unit(slow);
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1));
  car.publish("test/urgent", Unit::number_payload(2));
  ASSERT_TRUE(unit.wait_for_numbers(1));
  EXPECT_EQ(unit.opened().numbers, std::set<std::uint64_t>{2});
}

TEST_P(GatewaySystem, WhatComesWhileItIsAwayIsTakenAtTheNextStart) {
  Unit unit(options());
  unit.recipient();
  unit.start();
  EXPECT_EQ(unit.stop().status, 0);
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 50);
  unit.start();
  EXPECT_TRUE(unit.wait_for_numbers(50));
}

TEST_P(GatewaySystem, TheLocalBrokerMayRestart) {
  UnitOptions durable = options();
  durable.local_persistence = true;
  Unit unit(durable);
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 50);
  unit.local().restart();
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_local_connects_total 4") != std::string::npos;
  })) << unit.log();
  MqttClient again(unit.local().port());
  publish_numbers(again, 50, 100);
  EXPECT_TRUE(unit.wait_for_numbers(100)) << unit.log();
}

TEST_P(GatewaySystem, TheCloudMayBeAway) {
  Unit unit(options());
  unit.cloud().stop();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 300);
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_queue_records 300") != std::string::npos;
  }));
  // Not to miss what the gateway sends before the recipient is back, it connects while the gateway
  // is stopped.
  EXPECT_EQ(unit.stop().status, 0);
  unit.cloud().start();
  unit.recipient();
  unit.start();
  EXPECT_TRUE(unit.wait_for_numbers(300)) << unit.log();
  EXPECT_TRUE(eventually(
      [&] { return unit.get("/metrics").body.find("sudare_queue_rows 0") != std::string::npos; }));
}

TEST(GatewayUplink, ComesBackByItselfWithTheCloud) {
  Unit unit;
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 10);
  ASSERT_TRUE(unit.wait_for_numbers(10));
  unit.cloud().kill();
  publish_numbers(car, 10, 20);
  unit.cloud().start();
  publish_numbers(car, 20, 30);
  // The recipient's session is clean: what arrives before it is back, it misses; the gateway's own
  // account says whether it was delivered.
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_rows{purpose=\"seq\",fate=\"delivered\"} 30") !=
           std::string::npos;
  })) << unit.log()
      << unit.get("/metrics").body;
}

TEST(GatewayConsent, NothingBeforeAGrantAndNothingAfterAWithdrawal) {
  Unit unit;
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  car.publish("test/asked", Unit::number_payload(1));
  ASSERT_TRUE(car.flush());
  car.publish("vehicle/consent/asked", R"({"granted": true, "counter": 1})", 1, true);
  car.publish("test/asked", Unit::number_payload(2));
  ASSERT_TRUE(car.flush());
  ASSERT_TRUE(unit.wait_for_numbers(1));
  car.publish("vehicle/consent/asked", R"({"granted": false, "counter": 2})", 1, true);
  car.publish("test/asked", Unit::number_payload(3));
  car.publish("vehicle/consent/asked", R"({"granted": true, "counter": 1})", 1, true);  // replayed
  car.publish("test/asked", Unit::number_payload(4));
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics")
               .body.find("sudare_rows{purpose=\"asked\",fate=\"not_consented\"} 3") !=
           std::string::npos;
  })) << unit.get("/metrics").body;
  EXPECT_EQ(unit.opened().numbers, std::set<std::uint64_t>{2});
}

TEST(GatewayConsent, IsKnownFromARetainedMessageAtStart) {
  Unit unit;
  unit.recipient();
  MqttClient car(unit.local().port());
  car.publish("vehicle/consent/asked", R"({"granted": true, "counter": 1})", 1, true);
  ASSERT_TRUE(car.flush());
  unit.start();
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_consent_changes_total 1") != std::string::npos;
  }));
  car.publish("test/asked", Unit::number_payload(7));
  EXPECT_TRUE(unit.wait_for_numbers(1));
}

TEST(GatewayConsent, AWithdrawalIsKeptForAPolicyThatNamesThePurposeLater) {
  Unit unit;
  MqttClient& cloud = unit.recipient();
  MqttClient car(unit.local().port());
  car.publish("vehicle/consent/b", R"({"granted": false, "counter": 7})", 1, true);
  ASSERT_TRUE(car.flush());
  unit.start();
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_consent_changes_total 1") != std::string::npos;
  })) << unit.log();
  std::string text = with(unit.policy_text("2099-12-31"), "\"asked\"", "\"b\"");
  text = with(text, "consent: OPT_IN", "consent: OPT_OUT");
  std::ofstream(unit.policy_file()) << text;
  unit.gateway().signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return unit.log().find("policy_loaded") != std::string::npos; }));
  car.publish("test/asked", Unit::number_payload(1));
  car.publish("test/json", Unit::number_payload(2));
  ASSERT_TRUE(unit.wait_for_numbers(1));
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_rows{purpose=\"b\",fate=\"not_consented\"} 1") !=
           std::string::npos;
  })) << unit.get("/metrics").body;
  EXPECT_EQ(unit.stop().status, 0);
  for (const MqttMessage& message : cloud.messages()) {
    EXPECT_NE(message.topic.rfind("sudare/1/b/", 0), 0U) << message.topic;
  }
}

TEST(GatewayIntake, ARetainedSensorMessageIsCountedAndStays) {
  Unit unit;
  unit.recipient();
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1), 1, true);
  ASSERT_TRUE(car.flush());
  unit.start();
  car.publish("test/json", Unit::number_payload(2));
  ASSERT_TRUE(unit.wait_for_numbers(1));
  EXPECT_EQ(unit.opened().numbers, std::set<std::uint64_t>{2});
  EXPECT_EQ(unit.stop().status, 0);
  const Account account = unit.account();
  EXPECT_EQ(account.purposes.at("seq").by_reason[static_cast<std::size_t>(Reason::kRetained)], 1U);
}

// 3.1.1 has no Maximum Packet Size: the 10 MB come in and are counted. With MQTT 5 the broker keeps
// them to itself.
TEST(GatewayIntake, HostilePayloadsAreCountedAndTheNextMessageGoesOn) {
  UnitOptions options;
  options.mqtt_311 = true;
  Unit unit(options);
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{\"seq\":";
  const std::vector<std::string> hostile = {std::string(10 << 20, 'x'),
                                            deep,
                                            "{\"seq\": 1",
                                            "{\"seq\": \"\xff\xfe\"}",
                                            "",
                                            "[1,2,3]",
                                            std::string("\x00\x01\x02", 3),
                                            std::string(64 * 1024 + 1, ' ')};
  for (const std::string& payload : hostile) {
    car.publish("test/json", payload);
    car.publish("vehicle/position", payload);
  }
  ASSERT_TRUE(car.flush());
  car.publish("test/json", Unit::number_payload(9));
  ASSERT_TRUE(unit.wait_for_numbers(1)) << unit.log();
  EXPECT_EQ(unit.opened().numbers, std::set<std::uint64_t>{9});
  EXPECT_EQ(unit.stop().status, 0);
  const Account account = unit.account();
  EXPECT_TRUE(account.adds_up());
  EXPECT_EQ(account.total().taken, 2 * hostile.size() + 1);
  EXPECT_GE(account.total().by_reason[static_cast<std::size_t>(Reason::kTooLarge)], 4U);
}

TEST(GatewayIntake, ABrokerWithASmallWindowStillMoves) {
  UnitOptions options;
  options.local_extra = "max_inflight_messages 20";
  Unit unit(options);
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 500);
  EXPECT_TRUE(unit.wait_for_numbers(500));
}

TEST(GatewaySignals, TermEndsWithinTheLimitAndNothingIsLost) {
  UnitOptions options;
  options.linger_ms = 600'000;
  Unit unit(options);
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 200);
  const auto stopped = unit.stop();
  EXPECT_EQ(stopped.status, 0);
  EXPECT_LT(stopped.took.count(), 2000);  // §3: a promise, not a measurement
  // Batches that were open are closed by the end; what was not read stays with the broker.
  unit.start();
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_TRUE(unit.wait_for_numbers(200)) << unit.opened().numbers.size();
}

TEST(GatewaySignals, TermEndsWithinTheLimitWithoutAnyBroker) {
  Unit unit;
  unit.local().stop();
  unit.cloud().stop();
  unit.start(false);
  ASSERT_TRUE(eventually([&] { return unit.log().find("started") != std::string::npos; }));
  const auto stopped = unit.stop();
  EXPECT_EQ(stopped.status, 0);
  EXPECT_LT(stopped.took.count(), 2000);
}

TEST(GatewaySignals, HupTakesAGoodPolicyAndKeepsTheOldOneOtherwise) {
  Unit unit;
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  std::ofstream(unit.policy_file(), std::ios::app) << "sorce { }\n";
  unit.gateway().signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return unit.log().find("policy_kept") != std::string::npos; }));
  EXPECT_NE(unit.log().find("policy.textproto:"), std::string::npos);
  EXPECT_NE(unit.log().find("unknown field \"sorce\""), std::string::npos);
  car.publish("test/json", Unit::number_payload(1));
  ASSERT_TRUE(unit.wait_for_numbers(1));
  std::string text = unit.policy_text("2099-12-31");
  text.replace(text.find("\"test/json\""), 11, "\"test/new\"");
  std::ofstream(unit.policy_file()) << text;
  unit.gateway().signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return unit.log().find("policy_loaded") != std::string::npos; }));
  car.publish("test/json", Unit::number_payload(2));
  car.publish("test/new", Unit::number_payload(3));
  ASSERT_TRUE(unit.wait_for_numbers(2)) << unit.log();
  EXPECT_EQ(unit.opened().numbers, (std::set<std::uint64_t>{1, 3}));
}

TEST(GatewayPolicy, ASupersededSerialIsNotTakenBack) {
  Unit unit;
  unit.recipient();
  const auto write_serial = [&](const std::string& serial) {
    std::ofstream(unit.policy_file())
        << with(unit.policy_text("2099-12-31"), "serial: 1", "serial: " + serial);
  };
  write_serial("5");
  unit.start();
  write_serial("4");
  unit.gateway().signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return unit.log().find("policy_kept") != std::string::npos; }));
  EXPECT_NE(unit.log().find("serial 4 was superseded: serial 5"), std::string::npos) << unit.log();
  MqttClient car(unit.local().port());
  car.publish("test/json", Unit::number_payload(1));
  ASSERT_TRUE(unit.wait_for_numbers(1)) << "5 stays in force";
  EXPECT_EQ(unit.stop().status, 0);

  unit.start();
  EXPECT_NE(unit.log().find("serial 4 was superseded: serial 5"), std::string::npos) << unit.log();
  car.publish("test/json", Unit::number_payload(2));
  car.publish("test/urgent", Unit::number_payload(3));
  ASSERT_TRUE(unit.wait_for_numbers(2));
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_EQ(unit.opened().numbers, (std::set<std::uint64_t>{1, 3})) << "essential only";

  write_serial("5");
  unit.start();
  car.publish("test/json", Unit::number_payload(4));
  EXPECT_TRUE(unit.wait_for_numbers(3)) << "an equal serial is taken";
}

TEST(GatewayPolicy, ExpiredServesEssentialOnly) {
  UnitOptions options;
  options.not_after = "2001-01-01";
  Unit unit(options);
  unit.recipient();
  unit.start();
  EXPECT_EQ(unit.get("/healthz").status, 503);
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 5);
  car.publish("test/urgent", Unit::number_payload(99));
  ASSERT_TRUE(unit.wait_for_numbers(1));
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_EQ(unit.opened().numbers, std::set<std::uint64_t>{99});
  const FateCounts counts = unit.account().purposes.at("seq");
  EXPECT_EQ(counts.by_fate[static_cast<std::size_t>(Fate::kRejected)], 5);
}

TEST(GatewayPolicy, InvalidAtStartServesTheEssentialPartOfTheLastValidOne) {
  Unit unit;
  unit.recipient();
  unit.start();
  EXPECT_EQ(unit.stop().status, 0);
  std::ofstream(unit.policy_file()) << "language: 1\nnonsense\n";
  unit.start();
  EXPECT_NE(unit.log().find("policy.textproto:"), std::string::npos);
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 5);
  car.publish("test/urgent", Unit::number_payload(99));
  ASSERT_TRUE(unit.wait_for_numbers(1));
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_EQ(unit.opened().numbers, std::set<std::uint64_t>{99});
  const FateCounts counts = unit.account().purposes.at("seq");
  EXPECT_EQ(counts.by_reason[static_cast<std::size_t>(Reason::kNoPolicy)], 5U);
}

TEST(GatewayStatus, ShowsHealthAndMetricsWithoutIdentifiers) {
  Unit unit;
  unit.recipient();
  unit.start();
  MqttClient car(unit.local().port());
  publish_numbers(car, 0, 10);
  ASSERT_TRUE(unit.wait_for_numbers(10));
  ASSERT_TRUE(eventually([&] { return unit.get("/healthz").status == 200; }))
      << unit.get("/healthz").body;
  const std::string metrics = unit.get("/metrics").body;
  EXPECT_NE(metrics.find("sudare_rows_taken_total{purpose=\"seq\"} 10"), std::string::npos);
  EXPECT_NE(metrics.find("sudare_commit_duration_seconds_bucket"), std::string::npos);
  EXPECT_EQ(unit.get("/").status, 404);

  // A VIN, an address and a position, in fields, in a broken payload, in topics that the policy
  // does not name, and where a consent word belongs.
  const std::vector<std::string> identifiers = {"JTDBR32E720012345", "driver.one@example.org",
                                                "35.681236", "139.767125"};
  for (const std::string& one : identifiers) {
    car.publish("test/json", "{\"seq\": 11, \"note\": \"" + one + "\"}");
    car.publish("test/json", "{" + one);
    car.publish("vehicle/position", one);
    car.publish("unknown/" + one, one);
    car.publish("vehicle/consent/" + one, one);
  }
  ASSERT_TRUE(car.flush());
  car.publish("test/urgent", Unit::number_payload(12));
  ASSERT_TRUE(eventually([&] {
    return unit.get("/metrics").body.find("sudare_rows_taken_total{purpose=\"emergency\"} 1") !=
           std::string::npos;
  })) << unit.log();
  std::map<std::string, std::string> seen = {{"/metrics", unit.get("/metrics").body},
                                             {"/healthz", unit.get("/healthz").body}};
  unit.kill();  // nothing is tidied up first
  seen["log"] = unit.log();
  for (const auto& file : std::filesystem::recursive_directory_iterator(unit.state())) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    seen[file.path()] = {std::istreambuf_iterator<char>(in), {}};
  }
  ASSERT_NE(seen["/metrics"].find("sudare_rows"), std::string::npos);
  ASSERT_NE(seen["log"].find("started"), std::string::npos);
  ASSERT_GT(seen[unit.state() / "outbox.db"].size(), 0U);
  for (const auto& [name, bytes] : seen) {
    for (const std::string& one : identifiers) {
      EXPECT_EQ(bytes.find(one), std::string::npos) << one << " in " << name;
    }
  }
}

}  // namespace
}  // namespace sudare::testkit
