// What doctor says of strangers whom a broker neither lets in nor refuses.
#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

#include "crypto/crypto_init.h"
#include "fleet/doctor/check_live.h"
#include "tests/testkit/raw_broker.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::doctor {
namespace {

const std::string kAccepts("\x20\x03\x00\x00\x00", 5);
const std::string kBusy("\x20\x03\x00\x89\x00", 5);
const std::string kNotAuthorized("\x20\x03\x00\x87\x00", 5);
const std::string kHangsUp;

// Answers one connection after another, and ends each.
class Strangers : public testing::Test {
 protected:
  void answer(std::vector<std::string> answers) {
    ASSERT_TRUE(crypto_init());
    thread_ = std::thread([this, answers = std::move(answers)] {
      for (const std::string& bytes : answers) {
        broker_.accept_one();
        (void)broker_.receive(5000);
        broker_.send_bytes(bytes);
        broker_.close_one();
      }
    });
  }
  void TearDown() override { thread_.join(); }
  [[nodiscard]] MqttPeer peer() const {
    MqttPeer peer;
    peer.endpoint = {"127.0.0.1", broker_.port(), false};
    peer.username = "sudare-gateway";
    return peer;
  }
  // The gateway, nobody, a liar; what may be written.
  Report local(const std::string& to_nobody, const std::string& to_liar) {
    answer({kAccepts, to_nobody, to_liar, kHangsUp});
    LocalPlan plan;
    plan.peer = peer();
    Report report;
    check_local(plan, {}, "vehicle/receipt", "/nowhere", report);
    return report;
  }
  Report cloud(const std::string& to_nobody) {
    answer({kAccepts, to_nobody});
    Report report;
    check_cloud(peer(), 0, report);
    return report;
  }

  testkit::RawBroker broker_;
  std::thread thread_;
};

TEST_F(Strangers, WhoseConnectionEndsAreNotRefusedByTheLocalBroker) {
  EXPECT_EQ(worst(local(kHangsUp, kNotAuthorized), "local.strangers"), Outcome::kSkipped);
}

TEST_F(Strangers, WhoFindABusyBrokerAreNotRefused) {
  const Report report = local(kNotAuthorized, kBusy);
  EXPECT_EQ(worst(report, "local.strangers"), Outcome::kSkipped);
  EXPECT_THAT(said(report, "local.strangers"), testing::HasSubstr("neither let in nor refused"));
}

TEST_F(Strangers, WhoAreToldThatTheyMayNotAre) {
  EXPECT_EQ(worst(local(kNotAuthorized, kNotAuthorized), "local.strangers"), Outcome::kOk);
}

TEST_F(Strangers, WhoseConnectionEndsAreNotRefusedByTheCloudBroker) {
  EXPECT_EQ(worst(cloud(kHangsUp), "cloud.strangers"), Outcome::kSkipped);
}

TEST_F(Strangers, WhoAreToldThatTheyMayNotAreRefusedByTheCloudBroker) {
  EXPECT_EQ(worst(cloud(kNotAuthorized), "cloud.strangers"), Outcome::kOk);
}

}  // namespace
}  // namespace sudare::doctor
