#include "gateway/config/load_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using ::testing::HasSubstr;

constexpr const char* kGood = R"(state_directory: "state"
policy_file: "policy.textproto"
ceiling_file: "/image/ceiling.textproto"
local { url: "mqtt://127.0.0.1:1883" }
cloud {
  url: "mqtts://broker.example:8883"
  tls { ca_file: "ca.pem" cert_file: "unit.pem" key_file: "unit.key" }
}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// The first error, as printed.
std::string error_of(const std::string& text) {
  const ConfigLoad load = load_config("/etc/sudare/gateway.textproto", text);
  EXPECT_FALSE(load.plan.has_value());
  for (const Diagnostic& one : load.diagnostics) {
    if (one.severity() == DiagnosticSeverity::kError) return one.to_string();
  }
  return "";
}

TEST(Config, UnknownFieldIsRefusedWhereItStands) {
  EXPECT_THAT(error_of(std::string(kGood) + "  colour: 1\n"),
              HasSubstr("gateway.textproto:9:3: unknown field \"colour\""));
}

TEST(Config, PasswordInAUrlIsRefused) {
  const std::string said = error_of(replaced(kGood, "mqtt://127", "mqtt://me:secret@127"));
  EXPECT_THAT(said, HasSubstr("gateway.textproto:4:14: "));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("secret")));
}

TEST(Config, ClipsAreTakenOnlyFromADirectoryThatIsNamed) {
  EXPECT_FALSE(load_config("f", kGood).plan->clips.has_value());
  const auto load =
      load_config("/etc/sudare/f", std::string(kGood) + "clips { directory: \"spool\" }");
  ASSERT_TRUE(load.plan.has_value() && load.plan->clips.has_value());
  EXPECT_EQ(load.plan->clips->directory, "/etc/sudare/spool");
  EXPECT_EQ(load.plan->clips->event_wait_seconds, 600);
  EXPECT_THAT(load.plan->clips->program, ::testing::EndsWith("/sudare-clip"));
  EXPECT_THAT(error_of(std::string(kGood) + "clips { }"),
              HasSubstr(":9:1: \"clips.directory\" is missing"));
  EXPECT_THAT(error_of(std::string(kGood) + "clips { directory: \"s\" event_wait_seconds: 86401 }"),
              HasSubstr("out of range"));
}

TEST(Config, TheNetworksTopicIsOne) {
  EXPECT_EQ(load_config("f", kGood).plan->network_topic, "vehicle/network");
  EXPECT_EQ(load_config("f", std::string(kGood) + "network_topic: \"n\"").plan->network_topic, "n");
  EXPECT_THAT(error_of(std::string(kGood) + "network_topic: \"n/#\""),
              HasSubstr(":9:16: not a topic"));
}

TEST(Config, ProducersOfReceiptsAreNamedWithTheirTopics) {
  const auto with = [](const std::string& text) { return std::string(kGood) + text; };
  const auto load =
      load_config("f", with("receipts { name: \"a-1\" topic: \"x/#\" topic: \"y\" }"));
  ASSERT_TRUE(load.plan.has_value());
  EXPECT_EQ(load.plan->receipt_topic, "vehicle/receipt");
  ASSERT_EQ(load.plan->receipts.size(), 1U);
  EXPECT_EQ(load.plan->receipts[0].filters, (std::vector<std::string>{"x/#", "y"}));
  EXPECT_THAT(error_of(with("receipts { name: \"a\" }")), HasSubstr(":9:1: a producer without"));
  EXPECT_THAT(error_of(with("receipts { name: \"A b\" topic: \"x\" }")),
              HasSubstr(":9:18: not a producer's name"));
  const std::string twice = "receipts { name: \"a\" topic: \"x\" }\n";
  EXPECT_THAT(error_of(with(twice + twice)), HasSubstr(":10:18: not a producer's name"));
  const std::string old = replaced(kGood, "url: \"mqtt://127.0.0.1:1883\"",
                                   "url: \"mqtt://127.0.0.1:1883\" version: MQTT_3_1_1");
  EXPECT_THAT(error_of(old + twice), HasSubstr("MQTT 3.1.1 has no user properties"));
}

std::string with_key(const std::string& tls) {
  return replaced(kGood, "key_file: \"unit.key\"", tls);
}

TEST(Config, AKeyInAChipIsNamedWhole) {
  const std::string uri = "key_file: \"pkcs11:token=unit\" ";
  EXPECT_THAT(error_of(with_key(uri)), HasSubstr("a pkcs11: key without key_module"));
  EXPECT_THAT(error_of(with_key("key_file: \"unit.key\" key_module: \"/m.so\"")),
              HasSubstr("key_module is for a pkcs11: key"));
  EXPECT_THAT(error_of(with_key("key_file: \"unit.key\" key_pin_file: \"pin\"")),
              HasSubstr("for a key in a chip"));
  for (const char* pin : {"?pin-value=4711", "?pin-source=file:/pin"}) {
    const std::string said = error_of(
        with_key("key_module: \"/m.so\" key_file: \"pkcs11:token=unit" + std::string(pin) + "\""));
    EXPECT_THAT(said, HasSubstr("a PIN in the configuration"));
    EXPECT_THAT(said, ::testing::Not(HasSubstr("4711")));
  }
  const auto load = load_config("/etc/sudare/f", with_key(uri + "key_module: \"m.so\" "
                                                                "key_pin_file: \"pin\" "
                                                                "key_store_path: \"/tokens\""));
  ASSERT_TRUE(load.plan.has_value());
  const MqttPeer& peer = load.plan->cloud.peer;
  EXPECT_EQ(peer.key_file, "pkcs11:token=unit");
  EXPECT_EQ(peer.key_module, "/etc/sudare/m.so");
  EXPECT_EQ(peer.key_pin_file, "/etc/sudare/pin");
  EXPECT_EQ(peer.key_store_paths, std::vector<std::string>{"/tokens"});
  EXPECT_EQ(load_config("f", with_key("key_file: \"handle:0x81000001\"")).plan->cloud.peer.key_file,
            "handle:0x81000001");
}

TEST(Config, PlainUplinkIsRefusedButOnLoopback) {
  const std::string tls =
      "  tls { ca_file: \"ca.pem\" cert_file: \"unit.pem\" key_file: \"unit.key\" }\n";
  const std::string plain =
      replaced(replaced(kGood, tls, ""), "mqtts://broker.example:8883", "mqtt://broker.example:1");
  EXPECT_THAT(error_of(plain), HasSubstr(":6:8: the uplink would not be encrypted"));
  EXPECT_TRUE(load_config("f", replaced(plain, "broker.example", "127.0.0.1")).plan.has_value());
}

TEST(Config, EachMistakeIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {replaced(kGood, "state_directory: \"state\"", ""), "\"state_directory\" is missing"},
      {replaced(kGood, "policy_file: \"policy.textproto\"", ""), "\"policy_file\" is missing"},
      {replaced(kGood, "ca_file: \"ca.pem\" ", ""), "without a ca_file"},
      {replaced(kGood, " key_file: \"unit.key\"", ""), "belong together"},
      {std::string(kGood) + "status { listen: \"0.0.0.0:9464\" }", "for this machine only"},
      {std::string(kGood) + "status { listen: \"localhost\" }", "not HOST:PORT"},
      {std::string(kGood) + "commit { messages_max: 1001 }", "out of range"},
      {std::string(kGood) + "store { quota_bytes: 1000 }", "the quota is too small"},
      {std::string(kGood) + "consent_topic: \"a/#\"", "not a topic"},
      {replaced(kGood, "{ url: \"mqtt://127.0.0.1:1883\" }",
                "{ url: \"mqtt://127.0.0.1:1883\" password_file: \"p\" }"),
       "without a user name"},
  };
  for (const auto& [text, expected] : cases) EXPECT_THAT(error_of(text), HasSubstr(expected));
}

TEST(Config, ThePolicysTopicIsOneAndNoneOfTheBatches) {
  const auto with = [](const std::string& topic) {
    return replaced(kGood, "cloud {", "cloud { policy_topic: \"" + topic + "\" ");
  };
  EXPECT_EQ(load_config("f", kGood).plan->cloud.policy_topic, "sudare/policy");
  EXPECT_EQ(load_config("f", with("fleet/a")).plan->cloud.policy_topic, "fleet/a");
  EXPECT_THAT(error_of(with("fleet/+")), HasSubstr("not a topic"));
  EXPECT_THAT(error_of(with("sudare/1/traffic/00")), HasSubstr("below sudare/1/"));
}

TEST(Config, FillsInDefaultsAndPaths) {
  const ConfigLoad load = load_config("/etc/sudare/gateway.textproto", kGood);
  ASSERT_TRUE(load.plan.has_value());
  EXPECT_TRUE(load.diagnostics.empty());
  EXPECT_EQ(load.plan->state_directory, "/etc/sudare/state");
  EXPECT_EQ(load.plan->ceiling_file, "/image/ceiling.textproto");
  EXPECT_EQ(load.plan->cloud.peer.key_file, "/etc/sudare/unit.key");
  EXPECT_EQ(load.plan->cloud.outstanding_max, 1000U);
  EXPECT_EQ(load.plan->commit_interval_ms, 100U);
  EXPECT_EQ(load.plan->consent_topic, "vehicle/consent");
  EXPECT_EQ(load.plan->local.peer.version, MqttVersion::k5);
  EXPECT_FALSE(load.plan->status.on);
}

TEST(Config, WhatIsNotInTheBuildIsRefusedWhereItIsAskedFor) {
  const std::string text =
      std::string(kGood) +
      "status { listen: \"127.0.0.1:9464\" }\nclips { directory: \"spool\" }\n";
  EXPECT_TRUE(load_config("f", text, {true, true, true}).plan.has_value());
  const ConfigLoad load = load_config("f", text, {false, true, false});
  EXPECT_FALSE(load.plan.has_value());
  std::string all;
  for (const Diagnostic& one : load.diagnostics) all += one.to_string();
  EXPECT_THAT(all, HasSubstr("f:9:"));
  EXPECT_THAT(all, HasSubstr("the status page is not in this build (SUDARE_STATUS=OFF)"));
  EXPECT_THAT(all, HasSubstr("f:10:"));
  EXPECT_THAT(all, HasSubstr("clips are not in this build (SUDARE_CLIPS=OFF)"));
}

TEST(Config, WithoutACeilingItWarns) {
  const ConfigLoad load =
      load_config("f", replaced(kGood, "ceiling_file: \"/image/ceiling.textproto\"", ""));
  ASSERT_TRUE(load.plan.has_value());
  ASSERT_EQ(load.diagnostics.size(), 1U);
  EXPECT_EQ(load.diagnostics.front().severity(), DiagnosticSeverity::kWarning);
}

TEST(Config, MissingFileIsAnError) {
  EXPECT_FALSE(load_config_file("/nonexistent/gateway.textproto").plan.has_value());
  EXPECT_FALSE(load_config_file("/nonexistent/gateway.textproto").diagnostics.empty());
}

TEST(Config, KeyThatOthersMayReadIsNamed) {
  const testkit::TemporaryDirectory directory;
  std::ofstream(directory.path() / "gateway.textproto") << kGood;
  for (const char* name : {"policy.textproto", "ca.pem", "unit.pem", "unit.key"}) {
    std::ofstream(directory.path() / name) << "content\n";
    chmod((directory.path() / name).c_str(), 0644);
  }
  ConfigLoad load = load_config_file(directory.path() / "gateway.textproto");
  ASSERT_TRUE(load.plan.has_value());
  load.plan->ceiling_file.clear();
  const Diagnostics found = check_config_files(*load.plan);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found.front().to_string(), HasSubstr("unit.key: private key: others may read it"));
}

}  // namespace
}  // namespace sudare
