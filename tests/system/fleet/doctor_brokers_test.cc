// `sudare doctor` against real brokers that are not as they should be, and the program itself.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <set>

#include "tests/system/fleet/healthy_unit.h"
#include "tests/system/fleet/tool.h"
#include "tests/testkit/broker.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::fleet_test {
namespace {

using doctor::Outcome;
using doctor::Report;
using doctor::said;
using doctor::worst;
using testing::HasSubstr;

class DoctorBrokers : public ToolTest {
 protected:
  std::string finds(const std::string& check, Outcome outcome) {
    const Report report = unit_.examine();
    EXPECT_EQ(worst(report, check), outcome) << said(report, check);
    EXPECT_EQ(doctor::without_hint(report), "");
    return said(report, check);
  }
  std::string problem(const std::string& check) { return finds(check, Outcome::kProblem); }
  std::string warning(const std::string& check) { return finds(check, Outcome::kWarning); }

  HealthyUnit unit_;
};

// --- the in-vehicle broker

TEST_F(DoctorBrokers, OneFailureHidesNoOther) {
  unit_.stop_local();
  unit_.stop_cloud();
  const Report report = unit_.examine();
  EXPECT_EQ(worst(report, "local.connect"), Outcome::kProblem);
  EXPECT_EQ(worst(report, "cloud.connect"), Outcome::kProblem);
  EXPECT_EQ(worst(report, "cloud.tls"), Outcome::kProblem);
  EXPECT_THAT(said(report, "cloud.tls"), HasSubstr("(see cloud.connect)"));
  EXPECT_EQ(worst(report, "local.strangers"), Outcome::kSkipped);
  EXPECT_EQ(worst(report, "policy.check"), Outcome::kOk);
}

TEST_F(DoctorBrokers, AWrongPasswordOfTheGatewayIsFound) {
  unit_.write("local.password", "not this one\n");
  EXPECT_THAT(problem("local.connect"), HasSubstr("refuses"));
}

TEST_F(DoctorBrokers, APasswordFileThatCantBeReadIsNoBrokerThatIsDown) {
  std::filesystem::remove(unit_.path("etc/local.password"));
  const std::string text = problem("local.connect");
  EXPECT_THAT(text, HasSubstr("password file can't be read"));
  EXPECT_THAT(text, HasSubstr("(the broker was not asked"));
}

TEST_F(DoctorBrokers, AnotherBrokerThanTheConfiguredOneIsFound) {
  const std::string shipped = unit_.read("mosquitto.conf");
  unit_.replace("mosquitto.conf", " 127.0.0.1", "");
  unit_.start_local();
  unit_.write("mosquitto.conf", shipped);
  EXPECT_THAT(problem("local.exposed"), HasSubstr("whatever its configuration says"));
}

TEST_F(DoctorBrokers, AnotherListenerThatIsOpenIsFound) {
  const std::string other = std::to_string(testkit::free_port());
  unit_.write("mosquitto.conf", "port " + other + "\n" + unit_.read("mosquitto.conf"));
  unit_.start_local();
  EXPECT_THAT(problem("broker.listen"), HasSubstr("opens port " + other + " of every interface"));
  EXPECT_THAT(problem("local.exposed"), HasSubstr("port " + other + " is open to other machines"));
}

// The policy's topics are what a wildcard is measured by.
TEST_F(DoctorBrokers, AnAppThatReadsEverySourceIsFound) {
  unit_.append("mosquitto.acl", "user media\ntopic read vehicle/#");
  unit_.start_local();
  EXPECT_THAT(problem("broker.acl"), HasSubstr("user media may read what every app says"));
}

TEST_F(DoctorBrokers, StrangersAreFoundToBeLetIn) {
  unit_.replace("mosquitto.conf", "allow_anonymous false", "allow_anonymous true");
  unit_.start_local();
  EXPECT_THAT(problem("local.strangers"), HasSubstr("no name and no password"));
}

TEST_F(DoctorBrokers, AnyPasswordIsFoundToDo) {
  unit_.replace("mosquitto.conf", "password_file", "# ");
  unit_.replace("mosquitto.conf", "allow_anonymous false", "allow_anonymous true");
  unit_.start_local();
  EXPECT_THAT(problem("local.strangers"), HasSubstr("any password"));
}

TEST_F(DoctorBrokers, AGatewayThatMayWriteEverythingIsAWarning) {
  unit_.replace("mosquitto.acl", "topic read #\n", "topic readwrite #\n");
  unit_.start_local();
  EXPECT_THAT(warning("local.rights"), HasSubstr("write to any topic"));
}

TEST_F(DoctorBrokers, AGatewayThatHearsNothingIsFound) {
  unit_.replace("mosquitto.acl", "topic read #\n", "");
  unit_.start_local();
  EXPECT_THAT(problem("local.rights"), HasSubstr("hears nothing"));
}

// --- the cloud broker

TEST_F(DoctorBrokers, AnOldMqttIsAWarning) {
  unit_.replace("gateway.textproto", "cloud {", "cloud {\n  version: MQTT_3_1_1");
  warning("cloud.connect");
}

TEST_F(DoctorBrokers, ANameThatIsNotThereIsFound) {
  unit_.replace("gateway.textproto", "mqtts://localhost", "mqtts://broker.invalid");
  problem("cloud.connect");
}

TEST_F(DoctorBrokers, ACertificateForAnotherHostIsFound) {
  unit_.set_cloud_certificate(unit_.authority().server_elsewhere());
  unit_.start_cloud();
  EXPECT_THAT(problem("cloud.tls"), HasSubstr("ostname mismatch"));
}

TEST_F(DoctorBrokers, AnExpiredCertificateOfTheBrokerIsFound) {
  unit_.set_cloud_certificate(unit_.authority().expired_server());
  unit_.start_cloud();
  EXPECT_THAT(problem("cloud.tls"), HasSubstr("expired"));
}

TEST_F(DoctorBrokers, AnAuthorityThatIsNotTheBrokersIsFound) {
  testkit::CertificateAuthority other(unit_.path("other"));
  unit_.write("cloud-ca.crt", testkit::read_file(other.ca_file()));
  problem("cloud.tls");
}

TEST_F(DoctorBrokers, ABrokerThatTakesOldTlsIsAWarning) {
  unit_.replace("cloud.conf", "tls_version tlsv1.3", "");
  unit_.start_cloud();
  EXPECT_THAT(warning("cloud.tls"), HasSubstr("TLS 1.2"));
}

TEST_F(DoctorBrokers, ACertificateThatTheBrokerDoesNotKnowIsFound) {
  testkit::CertificateAuthority other(unit_.path("other"));
  const testkit::Certificate stranger = other.client("unit");
  unit_.write("unit.crt", testkit::read_file(stranger.certificate));
  unit_.write("unit.key", testkit::read_file(stranger.key));
  problem("cloud.connect");
  finds("cloud.unit", Outcome::kOk);
  finds("cloud.strangers", Outcome::kSkipped);
}

TEST_F(DoctorBrokers, AKeyOfAnotherCertificateIsFound) {
  unit_.write("unit.key", testkit::read_file(unit_.authority().client("other").key));
  problem("cloud.unit");
}

TEST_F(DoctorBrokers, ABrokerThatAsksForNoCertificateIsFound) {
  unit_.replace("cloud.conf", "require_certificate true", "require_certificate false");
  unit_.replace("cloud.conf", "use_identity_as_username true", "");
  unit_.replace("cloud.conf", "allow_anonymous false", "allow_anonymous true");
  unit_.start_cloud();
  problem("cloud.strangers");
}

// --- the program

TEST_F(DoctorBrokers, NothingToCheckIsAnErrorOfUsage) {
  EXPECT_EQ(sudare({"doctor"}).status, 2);
  EXPECT_EQ(sudare({"doctor", "--config", unit_.path("none")}).status, 2);
  EXPECT_EQ(
      sudare({"doctor", "--config", unit_.config_file(), "--mqtt", "mqtt://localhost"}).status, 2);
}

// Of those that aren't URLs, too.
TEST_F(DoctorBrokers, APasswordInTheUrlIsNotRepeated) {
  key("recipient.key", "traffic");
  const std::vector<std::vector<std::string>> calls = {{"doctor"},
                                                       {"open", "-i", path("recipient.key")}};
  for (const char* url :
       {"mqtt://me:sesame@localhost:1", "mqtt:me:sesame@localhost", "mqtts://localhost/sesame"}) {
    for (std::vector<std::string> call : calls) {
      call.insert(call.end(), {"--mqtt", url});
      const auto run = sudare(call);
      EXPECT_NE(run.status, 0) << url;
      EXPECT_THAT(run.errors, HasSubstr("error: --mqtt: "));
      EXPECT_THAT(run.errors, HasSubstr("--password-file"));
      EXPECT_THAT(run.output + run.errors, testing::Not(HasSubstr("sesame"))) << url;
    }
  }
}

TEST_F(DoctorBrokers, ProblemsExitWith3AndEachHasAHint) {
  unit_.replace("mosquitto.conf", "allow_anonymous false", "allow_anonymous true");
  for (const char* file : {"unit.key", "unit.crt", "local.password", "policy.textproto"}) {
    std::filesystem::remove(unit_.path(std::string("etc/") + file));
  }
  const auto run = sudare({"doctor", "--config", unit_.config_file()});
  EXPECT_EQ(run.status, 3);
  EXPECT_THAT(run.output, HasSubstr("problem  broker.anonymous"));
  EXPECT_THAT(run.output, HasSubstr("\n         hint: allow_anonymous false"));
  const auto all = sudare({"doctor", "--config", unit_.config_file(), "--json"});
  int findings = 0;
  for (const Json& line : lines(all.output)) {
    if (line.at("outcome") != "problem" && line.at("outcome") != "warning") continue;
    ++findings;
    EXPECT_NE(line.at("hint"), "") << line;
  }
  EXPECT_GE(findings, 7);
}

TEST_F(DoctorBrokers, OneProblemIsNotProblems) {
  unit_.replace("mosquitto.conf", "persistence false", "persistence true");
  const auto run = sudare({"doctor", "--config", unit_.config_file()});
  EXPECT_THAT(run.errors, HasSubstr("1 problem, "));
}

// Who wrote the policy need not be who reads this.
TEST_F(DoctorBrokers, ThePolicysTextMovesNoCursor) {
  unit_.append("policy.textproto",
               "source { topic: \"a\" codec: JSON release { to: \"\\033[2Jall is well\" } }");
  const auto run = sudare({"doctor", "--config", unit_.config_file()});
  EXPECT_EQ(run.status, 3);
  EXPECT_THAT(run.output, HasSubstr("\\x1b[2Jall is well"));
  EXPECT_THAT(run.output, testing::Not(HasSubstr("\x1b")));
}

TEST_F(DoctorBrokers, WarningsExitWith0OrStrictlyWith3) {
  unit_.replace("mosquitto.conf", "max_packet_size 131072", "");
  EXPECT_EQ(sudare({"doctor", "--config", unit_.config_file()}).status, 0);
  EXPECT_EQ(sudare({"doctor", "--config", unit_.config_file(), "--strict"}).status, 3);
}

TEST_F(DoctorBrokers, JsonHasALinePerCheckAndNoPassword) {
  unit_.write("local.password", "open-sesame\n");
  const auto run = sudare({"doctor", "--config", unit_.config_file(), "--json"});
  std::set<std::string> checks;
  for (const Json& line : lines(run.output)) checks.insert(line.at("check"));
  EXPECT_EQ(checks.size(), doctor::kChecks.size());
  EXPECT_THAT(run.output + run.errors, testing::Not(HasSubstr("sesame")));
}

TEST_F(DoctorBrokers, ABrokerAloneIsChecked) {
  const auto run = sudare({"doctor", "--broker-config", unit_.path("etc/cloud.conf"), "--mqtt",
                           "mqtts://localhost:" + std::to_string(unit_.cloud_port()), "--ca",
                           unit_.path("etc/cloud-ca.crt"), "--cert", unit_.path("etc/unit.crt"),
                           "--key", unit_.path("etc/unit.key")});
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("ok       cloud.strangers"));
  EXPECT_THAT(run.output, testing::Not(HasSubstr("policy.check")));
}

}  // namespace
}  // namespace sudare::fleet_test
