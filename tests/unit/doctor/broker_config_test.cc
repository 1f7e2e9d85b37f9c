// What doctor says of a broker's configuration: one fault at a time in the one that is shipped.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "fleet/doctor/check_broker_config.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::doctor {
namespace {

using testing::HasSubstr;

class BrokerConfigTest : public testing::Test {
 protected:
  BrokerConfigTest() {
    config_ = shipped("deploy/etc/mosquitto.conf");
    acl_ = shipped("deploy/etc/mosquitto.acl");
  }
  static std::string shipped(const std::string& name) {
    const char* const source = std::getenv("SUDARE_SOURCE_DIR");
    return testkit::read_file(std::filesystem::path(source == nullptr ? "." : source) / name);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0640) const {
    std::ofstream(path(name)) << text;
    chmod(path(name).c_str(), mode);
    return path(name);
  }
  static void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  void set(const std::string& from, const std::string& to) { replace(config_, from, to); }

  Report examine(BrokerRole role = BrokerRole::kVehicle) {
    std::string text = config_;
    for (const char* name : {"mosquitto.passwd", "mosquitto.acl"}) {
      const std::size_t at = text.find(std::string("/etc/sudare/") + name);
      if (at != std::string::npos) text.replace(at, 12 + std::strlen(name), path(name));
    }
    write("mosquitto.acl", acl_, acl_mode_);
    write("mosquitto.passwd", passwords_, password_mode_);
    Report report;
    check_broker_config(read_broker_config(write("mosquitto.conf", text)), role, names_, report);
    return report;
  }

  testkit::TemporaryDirectory directory_;
  std::string config_;
  std::string acl_;
  std::string passwords_ = "sudare-gateway:$7$101$c2FsdA==$aGFzaA==\n";
  BrokerNames names_;
  mode_t acl_mode_ = 0640;
  mode_t password_mode_ = 0640;
};

TEST_F(BrokerConfigTest, TheShippedOneHasNoFinding) {
  const Report report = examine();
  EXPECT_EQ(report.count(Outcome::kProblem) + report.count(Outcome::kWarning), 0U);
  EXPECT_EQ(report.count(Outcome::kOk), 7U);
}

TEST_F(BrokerConfigTest, AMistakeIsFound) {
  set("listener 1883", "listner 1883");
  EXPECT_THAT(said(examine(), "broker.config"), HasSubstr("mosquitto.conf:4"));
  EXPECT_EQ(worst(examine(), "broker.config"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, AMissingFileIsFound) {
  Report report;
  check_broker_config(read_broker_config(path("none")), BrokerRole::kVehicle, {}, report);
  EXPECT_EQ(worst(report, "broker.config"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, RootIsAWarning) {
  config_ += "user root\n";
  EXPECT_EQ(worst(examine(), "broker.config"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, AListenerWithoutAddressIsFound) {
  set("listener 1883 127.0.0.1", "listener 1883");
  EXPECT_THAT(said(examine(), "broker.listen"), HasSubstr("port 1883 of every interface"));
  EXPECT_EQ(worst(examine(), "broker.listen"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, ACafileBeforeTheListenerIsFound) {
  set("listener 1883", "cafile /etc/ssl/ca.crt\nlistener 1883");
  EXPECT_THAT(said(examine(), "broker.listen"), HasSubstr("before the first listener line"));
}

TEST_F(BrokerConfigTest, ALoneCafileIsFoundToLetInEverybody) {
  config_ = "cafile /etc/ssl/ca.crt\n";
  const Report report = examine();
  EXPECT_EQ(worst(report, "broker.listen"), Outcome::kProblem);
  EXPECT_THAT(said(report, "broker.anonymous"), HasSubstr("lets in everybody"));
  EXPECT_EQ(worst(report, "broker.tls"), Outcome::kSkipped);
}

TEST_F(BrokerConfigTest, ThatNoTlsIsNeededIsNotSaidOfAPortThatOthersReach) {
  set("listener 1883 127.0.0.1", "listener 1883 0.0.0.0");
  const Report report = examine();
  EXPECT_EQ(worst(report, "broker.listen"), Outcome::kProblem);
  EXPECT_EQ(worst(report, "broker.tls"), Outcome::kSkipped);
}

TEST_F(BrokerConfigTest, AnInterfaceWithoutTheAddressIsFoundToListenNowhere) {
  set("listener 1883 127.0.0.1", "listener 1883 127.0.0.1\nbind_interface nowhere0");
  EXPECT_THAT(said(examine(), "broker.listen"), HasSubstr("127.0.0.1 is no address of nowhere0"));
  set("bind_interface nowhere0", "bind_interface lo");
  EXPECT_EQ(worst(examine(), "broker.listen"), Outcome::kOk);
}

TEST_F(BrokerConfigTest, FalseInCapitalsIsFound) {
  set("allow_anonymous false", "allow_anonymous False");
  EXPECT_THAT(said(examine(), "broker.config"), HasSubstr("neither true nor false"));
}

TEST_F(BrokerConfigTest, ThatNobodyIsAskedForANameWithoutAListenerIsFound) {
  set("listener 1883 127.0.0.1", "");
  EXPECT_THAT(said(examine(), "broker.anonymous"), HasSubstr("lets in everybody"));
}

TEST_F(BrokerConfigTest, NoListenerAtAllIsAWarning) {
  config_ = "persistence false\n";
  EXPECT_EQ(worst(examine(), "broker.listen"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, WebsocketsAreAWarning) {
  set("listener 1883 127.0.0.1", "listener 1883 127.0.0.1\nprotocol websockets");
  EXPECT_EQ(worst(examine(), "broker.listen"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, AnonymousAccessIsFound) {
  set("allow_anonymous false", "allow_anonymous true");
  EXPECT_EQ(worst(examine(), "broker.anonymous"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, AListenerThatLetsInNobodyIsFound) {
  set("password_file /etc/sudare/mosquitto.passwd", "");
  EXPECT_THAT(said(examine(), "broker.anonymous"), HasSubstr("lets in nobody"));
}

TEST_F(BrokerConfigTest, AMissingPasswordFileIsFound) {
  set("/etc/sudare/mosquitto.passwd", "/nonexistent/passwd");
  EXPECT_EQ(worst(examine(), "broker.anonymous"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, APasswordInTheClearIsFoundAndNotTold) {
  passwords_ += "navigation:open-sesame\n";
  const std::string text = said(examine(), "broker.anonymous");
  EXPECT_THAT(text, HasSubstr("mosquitto.passwd:2: a password in the clear"));
  EXPECT_THAT(text, testing::Not(HasSubstr("sesame")));
}

TEST_F(BrokerConfigTest, PermissionsOfThePasswordFileAreFound) {
  password_mode_ = 0644;
  EXPECT_EQ(worst(examine(), "broker.anonymous"), Outcome::kWarning);
  password_mode_ = 0666;
  EXPECT_THAT(said(examine(), "broker.anonymous"), HasSubstr("others may write the file"));
}

TEST_F(BrokerConfigTest, AMissingAclIsFound) {
  set("acl_file /etc/sudare/mosquitto.acl", "");
  EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, AnAclThatCantBeReadIsFound) {
  set("/etc/sudare/mosquitto.acl", "/nonexistent/acl");
  EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, AnAclThatOthersMayWriteIsFound) {
  acl_mode_ = 0666;
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("others may write"));
}

TEST_F(BrokerConfigTest, APluginIsNotJudged) {
  set("acl_file /etc/sudare/mosquitto.acl", "auth_plugin /usr/lib/x.so");
  EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, RulesThatGiveTooMuchAreFound) {
  for (const char* rules :
       {"user app\ntopic #\n", "user app\ntopic readwrite #\n", "user app\ntopic write #\n",
        "user app\ntopic read #\n", "pattern readwrite #\n", "user app\ntopic read +/#\n"}) {
    acl_ = shipped("deploy/etc/mosquitto.acl") + rules;
    EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kProblem) << rules;
  }
}

TEST_F(BrokerConfigTest, AGatewayThatMayWriteSensorsIsAWarning) {
  replace(acl_, "topic write vehicle/receipt/#", "topic write vehicle/#");
  EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, AGatewayThatMayReadNothingIsFound) {
  replace(acl_, "topic read #", "");
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("may read nothing"));
}

// docs/deploy.md's lines, and those of the shipped file's comments.
TEST_F(BrokerConfigTest, AppsWithTopicsOfTheirOwnHaveNoFinding) {
  names_.source_filters = {"vehicle/position", "vehicle/status", "vehicle/+/result"};
  acl_ +=
      "user navigation\ntopic write vehicle/position\ntopic read vehicle/receipt/navigation\n"
      "user settings\ntopic write vehicle/consent/#\n"
      "user bus\ntopic write vehicle/position\ntopic write vehicle/status\n"
      "topic write vehicle/remote/result\npattern readwrite apps/%u/#\n";
  EXPECT_EQ(said(examine(), "broker.acl"), "");
}

TEST_F(BrokerConfigTest, WildcardsThatReachConsentAreFound) {
  for (const char* rules : {"pattern readwrite vehicle/#\n", "pattern write vehicle/consent/%u\n",
                            "pattern write %c/%c/%c\n", "user media\ntopic readwrite vehicle/#\n",
                            "user media\ntopic +/+\ntopic +/+/+\ntopic +/+/+/#\n",
                            "user media\ntopic write vehicle/+/traffic\n"}) {
    acl_ = shipped("deploy/etc/mosquitto.acl") + rules;
    EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("may write consent")) << rules;
    EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kProblem) << rules;
  }
}

TEST_F(BrokerConfigTest, WhatIsDeniedIsNotFound) {
  acl_ +=
      "user media\ntopic write vehicle/+/traffic\ntopic deny vehicle/consent/#\n"
      "topic deny vehicle/receipt/#\n";
  EXPECT_EQ(said(examine(), "broker.acl"), "");
}

TEST_F(BrokerConfigTest, AnAppThatWritesReceiptsIsFound) {
  acl_ += "user media\ntopic vehicle/receipt/media\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("may write receipts"));
}

TEST_F(BrokerConfigTest, WildcardsThatReachEverySourceAreFound) {
  names_.source_filters = {"vehicle/position", "vehicle/status", "metrics/#"};
  for (const char* rules : {"user media\ntopic read vehicle/#\ntopic read metrics/#\n",
                            "user media\ntopic read +/+\n", "pattern read +/+\n"}) {
    acl_ = shipped("deploy/etc/mosquitto.acl") + rules;
    EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("may read what every app says")) << rules;
  }
  acl_ = shipped("deploy/etc/mosquitto.acl") + "user media\ntopic write +/+\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("user media may write to every topic"));
}

TEST_F(BrokerConfigTest, EverybodyWhoMayWriteASourceIsFound) {
  names_.source_filters = {"vehicle/position"};
  for (const char* rules : {"pattern write vehicle/position\n", "pattern write vehicle/%c\n"}) {
    acl_ = shipped("deploy/etc/mosquitto.acl") + rules;
    EXPECT_THAT(said(examine(), "broker.acl"),
                HasSubstr("every client may write vehicle/position"));
  }
  acl_ = "topic write vehicle/position\n" + shipped("deploy/etc/mosquitto.acl");
  EXPECT_THAT(said(examine(), "broker.acl"),
              HasSubstr("a client without a name may write vehicle"));
}

TEST_F(BrokerConfigTest, TwoAppsThatWriteEverySourceAreAWarning) {
  names_.source_filters = {"vehicle/position", "vehicle/status"};
  for (const char* user : {"a", "b"}) {
    acl_ += "user " + std::string(user) +
            "\ntopic write vehicle/position\ntopic write vehicle/status\n";
  }
  EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, AConfigurationThatOthersMayWriteIsFound) {
  const std::string file = write("mosquitto.conf", "listener 1883 127.0.0.1\n", 0666);
  Report report;
  check_broker_config(read_broker_config(file), BrokerRole::kVehicle, {}, report);
  EXPECT_THAT(said(report, "broker.config"), HasSubstr("others may write the file"));
}

TEST_F(BrokerConfigTest, WhatItIncludesThatOthersMayWriteIsFound) {
  std::filesystem::create_directory(path("conf.d"));
  write("conf.d/more.conf", "max_inflight_messages 1000\n", 0646);
  const std::string file = write("mosquitto.conf", "include_dir " + path("conf.d") + "\n");
  const auto finds = [&] {
    Report report;
    check_broker_config(read_broker_config(file), BrokerRole::kVehicle, {}, report);
    return said(report, "broker.config");
  };
  EXPECT_THAT(finds(), HasSubstr("more.conf: others may write the file"));
  write("conf.d/more.conf", "");
  for (const mode_t mode : {0777U, 01777U}) {  // sticky: others may add a file
    chmod(path("conf.d").c_str(), mode);
    EXPECT_THAT(finds(), HasSubstr("conf.d: others may write the directory"));
  }
  chmod(path("conf.d").c_str(), 0755);
  EXPECT_EQ(finds(), "");
}

TEST_F(BrokerConfigTest, TwoAppsThatWriteConsentAreAWarning) {
  acl_ += "user a\ntopic write vehicle/consent/#\nuser b\ntopic write vehicle/consent/traffic\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("2 users may write consent"));
}

TEST_F(BrokerConfigTest, QueuesWithoutBoundAndTooSmallOnesAreFound) {
  set("max_queued_messages 100000", "max_queued_messages 0");
  EXPECT_EQ(worst(examine(), "broker.limits"), Outcome::kProblem);
  set("max_queued_messages 0", "max_queued_messages 100");
  EXPECT_EQ(worst(examine(), "broker.limits"), Outcome::kWarning);
}

TEST_F(BrokerConfigTest, OtherLimitsAreWarnings) {
  set("max_inflight_messages 1000", "");
  set("max_packet_size 131072", "");
  const std::string text = said(examine(), "broker.limits");
  EXPECT_THAT(text, HasSubstr("in flight"));
  EXPECT_THAT(text, HasSubstr("256 MB"));
}

TEST_F(BrokerConfigTest, PlaintextOnDiskIsFound) {
  set("persistence false", "persistence true");
  EXPECT_EQ(worst(examine(), "broker.plaintext"), Outcome::kProblem);
}

TEST_F(BrokerConfigTest, TopicsInTheLogAreFound) {
  config_ += "log_type subscribe\n";
  EXPECT_EQ(worst(examine(), "broker.plaintext"), Outcome::kWarning);
  for (const char* type : {"all", "debug"}) {
    config_ += std::string("log_type ") + type + "\n";
    EXPECT_THAT(said(examine(), "broker.plaintext"), HasSubstr(type));
  }
}

TEST_F(BrokerConfigTest, ABridgePastTheGatewayIsFound) {
  config_ += "connection cloud\naddress broker.example:8883\ntopic # out\n";
  const Report report = examine();
  EXPECT_THAT(said(report, "broker.plaintext"), HasSubstr("bridge"));
  EXPECT_EQ(worst(report, "broker.config"), Outcome::kOk);
}

}  // namespace
}  // namespace sudare::doctor
