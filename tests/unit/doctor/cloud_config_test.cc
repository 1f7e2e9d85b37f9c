// What doctor says of a cloud broker's configuration: one fault at a time in the one that is
// shipped.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "fleet/doctor/check_broker_config.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::doctor {
namespace {

using testing::HasSubstr;

class CloudConfig : public testing::Test {
 protected:
  CloudConfig() : authority_(directory_.path()) {
    const testkit::Certificate server = authority_.server();
    config_ = shipped("deploy/mosquitto/cloud.conf.in");
    acl_ = shipped("deploy/mosquitto/cloud.acl.in");
    set("@DIRECTORY@/broker.crt", server.certificate.string());
    set("@DIRECTORY@/broker.key", server.key.string());
    chmod(server.key.c_str(), 0600);
    key_ = server.key.string();
    certificate_ = server.certificate.string();
    set("@DIRECTORY@/acl", path("acl"));
    set("@PORT@ 127.0.0.1", "8883");
  }
  static std::string shipped(const std::string& name) {
    const char* const source = std::getenv("SUDARE_SOURCE_DIR");
    return testkit::read_file(std::filesystem::path(source == nullptr ? "." : source) / name);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  void set(const std::string& from, const std::string& to) {
    const std::size_t at = config_.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    config_.replace(at, from.size(), to);
  }
  Report examine() {
    std::ofstream(path("acl")) << acl_;
    const BrokerConfig config = parse_broker_config({"mosquitto.conf", config_}, {});
    Report report;
    check_broker_config(config, role_of(config), names_, report);
    return report;
  }

  testkit::TemporaryDirectory directory_;
  testkit::CertificateAuthority authority_;
  std::string config_;
  std::string acl_;
  BrokerNames names_;
  std::string key_;
  std::string certificate_;
};

TEST_F(CloudConfig, TheShippedOneHasNoFinding) {
  const Report report = examine();
  for (const Finding& one : report.findings()) EXPECT_EQ(one.outcome, Outcome::kOk) << one.text;
}

TEST_F(CloudConfig, AListenerWithoutTlsIsFound) {
  config_ += "listener 1883\n";
  EXPECT_THAT(said(examine(), "broker.tls"), HasSubstr("port 1883 of every interface speaks"));
}

TEST_F(CloudConfig, OldVersionsAreAWarning) {
  set("tls_version tlsv1.3", "");
  EXPECT_EQ(worst(examine(), "broker.tls"), Outcome::kWarning);
}

TEST_F(CloudConfig, NoCertificateOfClientsIsAWarning) {
  set("require_certificate true", "");
  EXPECT_EQ(worst(examine(), "broker.tls"), Outcome::kWarning);
}

TEST_F(CloudConfig, AnExpiredCertificateIsFound) {
  set(certificate_, authority_.expired_server().certificate.string());
  EXPECT_THAT(said(examine(), "broker.tls"), HasSubstr("has ended"));
}

TEST_F(CloudConfig, AKeyThatOthersMayReadIsFound) {
  chmod(key_.c_str(), 0644);
  EXPECT_THAT(said(examine(), "broker.tls"), HasSubstr("others may read the private key"));
}

TEST_F(CloudConfig, ACertificateThatNamesACarIsAWarning) {
  set(certificate_, authority_.client("JTDKB20U093123456").certificate.string());
  const std::string text = said(examine(), "broker.tls");
  EXPECT_THAT(text, HasSubstr("looks like a VIN"));
}

TEST_F(CloudConfig, AUnitThatReadsIsFound) {
  acl_ += "user unit\ntopic read sudare/1/traffic/#\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("read those of others"));
}

TEST_F(CloudConfig, AUnitThatReadsByAWildcardIsFound) {
  const std::string shipped_acl = acl_;
  for (const char* filter : {"sudare/+/traffic/#", "+/+/+/+", "sudare/#", "sudare/1/+/00"}) {
    acl_ = shipped_acl + "user unit\ntopic read " + filter + "\n";
    EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("read those of others")) << filter;
  }
}

TEST_F(CloudConfig, AUnitThatWritesThePolicyIsFound) {
  const std::string shipped_acl = acl_;
  for (const char* rule : {"write sudare/#", "readwrite sudare/policy", "write +/policy"}) {
    acl_ = shipped_acl + "user unit\ntopic " + rule + "\n";
    EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("write the fleet's policy")) << rule;
    EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kProblem) << rule;
  }
  names_.policy_topic = "fleet/rules";
  acl_ = shipped_acl + "user unit\ntopic write fleet/rules\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("a user of its own writes fleet/rules"));
}

TEST_F(CloudConfig, AUnitThatWritesMoreThanBatchesIsFound) {
  acl_ += "user unit\ntopic write other/topic\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("may write to more than those"));
}

TEST_F(CloudConfig, EverybodyWhoWritesThePolicyIsFound) {
  acl_ += "pattern write sudare/policy\n";
  EXPECT_THAT(said(examine(), "broker.acl"),
              HasSubstr("every client may write the fleet's policy"));
}

TEST_F(CloudConfig, WhereEverybodySendsWhoReadsIsFound) {
  acl_ += "pattern write sudare/1/#\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("user auditor may send batches and read"));
}

TEST_F(CloudConfig, EverybodyWhoReadsIsFound) {
  acl_ = "topic read sudare/1/#\n" + acl_;
  EXPECT_EQ(worst(examine(), "broker.acl"), Outcome::kProblem);
}

TEST_F(CloudConfig, NobodyWhoSendsIsFound) {
  acl_ = "user recipient\ntopic read sudare/1/#\n";
  EXPECT_THAT(said(examine(), "broker.acl"), HasSubstr("nobody may send"));
}

TEST_F(CloudConfig, BatchesThatWaitInMemoryAreAWarning) {
  set("persistence true", "persistence false");
  EXPECT_EQ(worst(examine(), "broker.plaintext"), Outcome::kWarning);
}

TEST_F(CloudConfig, ACertificateInPlaceOfANameIsAWarning) {
  set("allow_anonymous false", "allow_anonymous true");
  EXPECT_EQ(worst(examine(), "broker.anonymous"), Outcome::kWarning);
}

}  // namespace
}  // namespace sudare::doctor
