// Policies over the air: a real broker keeps the newest one, and attackers send what they like.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "fleet/authority/policy_signature.h"
#include "gateway/policy/updates.h"
#include "tests/system/gateway/policy_over_the_air.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/raw_broker.h"

namespace sudare::testkit {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(PolicyOverTheAir, TheRetainedOneComesIntoForceAndStaysOverARestart) {
  publish(policy(7));
  unit.recipient();
  unit.start();
  EXPECT_TRUE(comes_into_force(7)) << unit.log();
  EXPECT_TRUE(shows("sudare_policy_updates_taken_total 1"));
  serves(1);
  EXPECT_EQ(unit.stop().status, 0);
  unit.cloud().stop();
  unit.start();
  EXPECT_TRUE(in_force(7)) << unit.log();
  EXPECT_TRUE(shows("sudare_policy_served 1"));
}

TEST_F(PolicyOverTheAir, ABadOneAfterAGoodOneChangesNothing) {
  unit.recipient();
  unit.start();
  publish(policy(2));
  ASSERT_TRUE(comes_into_force(2)) << unit.log();
  publish(*sign_policy(plain(3), first));  // one signature of two
  EXPECT_TRUE(is_refused("signatures")) << unit.log();
  publish(sign("language: 1\nserial: 3\nnonsense: 1\n"));
  EXPECT_TRUE(is_refused("checks")) << unit.log();
  publish(std::string(5'000, '\xff'));
  EXPECT_TRUE(is_refused("signatures", 2)) << unit.log();
  EXPECT_TRUE(in_force(2));
  serves(1);
  EXPECT_THAT(unit.log(), Not(HasSubstr("nonsense")));
}

TEST_F(PolicyOverTheAir, RollbackAndAnotherTextUnderTheSameSerialAreRefused) {
  unit.start();
  publish(policy(5));
  ASSERT_TRUE(comes_into_force(5)) << unit.log();
  publish(policy(4));
  EXPECT_TRUE(is_refused("superseded")) << unit.log();
  publish(sign(with(plain(5), "keep_hours: 24", "keep_hours: 25")));
  EXPECT_TRUE(is_refused("other_text")) << unit.log();
  // Not by its file either.
  write_policy(policy(4));
  unit.gateway().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return shows("sudare_policy_refusals_total 1"); })) << unit.log();
  unit.kill();
  unit.start();
  EXPECT_TRUE(in_force(5)) << unit.log();
}

TEST_F(PolicyOverTheAir, SignaturesOfOneTextDoNotServeAnother) {
  unit.start();
  const std::string old_one = policy(1);
  const std::string mark = "# sudare-signature:";
  publish(plain(9) + old_one.substr(old_one.find(mark)));
  EXPECT_TRUE(is_refused("signatures")) << unit.log();
  EXPECT_TRUE(in_force(1));
}

TEST_F(PolicyOverTheAir, AMaliciousSignerCannotNameARecipientOfItsOwn) {
  unit.start();
  const std::string own = age::open_side::Identity::generate().recipient().to_string();
  publish(sign(with(plain(2), recipient_of(text_, "seq"), own)));
  EXPECT_TRUE(is_refused("checks")) << unit.log();
  // Nor certify one itself.
  const auto forged = certify({"asked", *age::Recipient::parse(own), 1, 0, 100'000}, first);
  publish(sign(with(plain(2), "recipient: \"" + recipient_of(text_, "asked") + "\"",
                    "certificate: \"" + *forged + "\"")));
  EXPECT_TRUE(is_refused("checks", 2)) << unit.log();
  EXPECT_TRUE(in_force(1));
}

TEST_F(PolicyOverTheAir, WithoutSignersInTheCeilingNothingIsAskedForOrTaken) {
  write_ceiling(false);
  publish(policy(2));
  unit.recipient();
  unit.start();
  serves(1);
  EXPECT_TRUE(in_force(1));
  EXPECT_TRUE(shows("sudare_policy_topic_messages_total 0"));
}

TEST_F(PolicyOverTheAir, OneThatHasNotBegunOrHasExpiredWaitsOutside) {
  unit.start();
  publish(sign(with(plain(2), "not_after", "not_before: \"2099-01-01\" not_after")));
  EXPECT_TRUE(is_refused("not_yet")) << unit.log();
  publish(sign(with(plain(2), "2099-12-31", "2020-12-31")));
  EXPECT_TRUE(is_refused("expired")) << unit.log();
  EXPECT_TRUE(in_force(1));
}

TEST_F(PolicyOverTheAir, WithholdingNewOnesShowsAndEndsWithTheExpiry) {
  publish(sign(with(plain(2), "2099-12-31", "2030-06-30")));
  unit.set_clock("@2030-06-29 12:00:00");
  unit.start();
  ASSERT_TRUE(comes_into_force(2)) << unit.log();
  EXPECT_TRUE(shows("sudare_policy_days_left 1"));
  EXPECT_EQ(unit.stop().status, 0);
  unit.set_clock("@2030-07-02 12:00:00");
  unit.start();
  EXPECT_TRUE(in_force(2));
  EXPECT_TRUE(shows("sudare_policy_days_left -2"));
  EXPECT_TRUE(shows("sudare_policy_served 0"));
}

TEST_F(PolicyOverTheAir, ARotatedRecipientIsTakenWithOverlapAndARevokedOneStaysRevoked) {
  const std::string asked = "recipient: \"" + recipient_of(text_, "asked") + "\"";
  const auto token = [&](std::uint64_t serial) {
    const auto key = age::open_side::Identity::generate().recipient();
    return "certificate: \"" + *certify({"asked", key, serial, 0, 100'000}, authority) + "\"";
  };
  const std::string old_one = token(1);
  const std::string next = token(2);
  unit.start();
  publish(sign(with(plain(2), asked, old_one)));
  ASSERT_TRUE(comes_into_force(2)) << unit.log();
  publish(sign(with(plain(3), asked, old_one + " " + next)));
  ASSERT_TRUE(comes_into_force(3)) << unit.log();
  publish(sign(with(plain(4), asked, next)));
  ASSERT_TRUE(comes_into_force(4)) << unit.log();
  publish(sign(with(plain(5), asked, old_one + " " + next)));
  EXPECT_TRUE(is_refused("certificates")) << unit.log();
  unit.kill();
  unit.start();
  EXPECT_TRUE(is_refused("certificates")) << unit.log();
  EXPECT_TRUE(in_force(4));
}

// --- a broker that sends what it likes

constexpr char kSuback[] = {'\x90', 3, 0, 1, 1};
const std::string kConnack("\x20\x02\x00\x00", 4);

class HostilePolicyBroker : public ::testing::Test {
 protected:
  HostilePolicyBroker() {
    std::filesystem::create_directory(unit_.directory() / "image");
    const std::string& policy = policy_ = unit_.policy_text("2099-12-31");
    std::string ceiling =
        "policy_signer: \"" + signer_.authority().to_string() + "\"\npolicy_threshold: 1\n";
    for (const char* name : {"seq", "asked", "emergency"}) {
      const bool essential = std::string(name) == "emergency";
      ceiling += "purpose { name: \"" + std::string(name) + "\" recipient: \"" +
                 recipient_of(policy, name) +
                 "\" ceiling { cell: M1000 allow: SPEED } longest_pseudonym { rotate_days: 28 } "
                 "keep_hours_max: 24 consent: [OPT_IN, OPT_OUT, LEGAL_OBLIGATION] " +
                 (essential ? "essential: true " : "") + "}\n";
    }
    std::ofstream(unit_.directory() / "image" / "ceiling.textproto") << ceiling;
    std::ofstream(unit_.policy_file()) << *sign_policy(policy, signer_);
    unit_.start();
  }
  // Until the gateway has subscribed.
  bool greet() {
    cloud_.accept_one();
    (void)cloud_.receive(10'000);
    if (!cloud_.send_bytes(kConnack)) return false;
    return eventually([this] { return cloud_.receive(100).find(kTopic) != std::string::npos; });
  }
  [[nodiscard]] bool shows(const std::string& line) const {
    return eventually(
        [&] { return unit_.get("/metrics").body.find(line + "\n") != std::string::npos; });
  }
  static UnitOptions options(std::uint16_t port) {
    UnitOptions options;
    options.cloud_port = port;
    return with_ceiling(options);
  }
  static std::string publish_head(std::size_t payload_bytes, const std::string& topic) {
    std::string head = "\x30";
    for (std::size_t left = 2 + topic.size() + payload_bytes;; left >>= 7U) {
      const bool more = left >= 0x80;
      head += static_cast<char>((left & 0x7fU) | (more ? 0x80U : 0U));
      if (!more) break;
    }
    head += '\0';
    head += static_cast<char>(topic.size());
    return head + topic;
  }

  RawBroker cloud_;
  std::string policy_;  // of serial 1, unsigned
  SigningKey signer_ = fresh_key();
  Unit unit_{options(cloud_.port())};
};

TEST_F(HostilePolicyBroker, EndlessDataEndsTheConnectionAndTheNextDoesNotAskForPolicies) {
  ASSERT_TRUE(greet());
  ASSERT_TRUE(cloud_.send_bytes(publish_head(200U << 20, kTopic)));
  const std::string block(1U << 20, 'x');
  for (int i = 0; i < 20 && cloud_.send_bytes(block); ++i) {
  }
  EXPECT_TRUE(shows("sudare_policy_topic_oversized_total 1")) << unit_.log();
  cloud_.close_one();
  cloud_.accept_one();
  EXPECT_NE(cloud_.receive(10'000), "");
  ASSERT_TRUE(cloud_.send_bytes(kConnack));
  EXPECT_TRUE(shows("sudare_uplink_connected 1"));
  EXPECT_THAT(cloud_.receive(1'000), Not(HasSubstr(kTopic)));
}

// M5 of the review: junk after each policy took its place before it was looked at.
TEST_F(HostilePolicyBroker, JunkAroundAPolicyKeepsItFromNobody) {
  ASSERT_TRUE(greet());
  ASSERT_TRUE(cloud_.send_bytes({kSuback, sizeof kSuback}));
  const std::string good = *sign_policy(with(policy_, "serial: 1\n", "serial: 2\n"), signer_);
  for (int i = 0; i < 200; ++i) {
    const std::string junk = std::to_string(i) + std::string(10'000, 'x');
    ASSERT_TRUE(cloud_.send_bytes(publish_head(junk.size(), kTopic) + junk));
    if (i != 100) continue;
    ASSERT_TRUE(cloud_.send_bytes(publish_head(good.size(), kTopic) + good));
  }
  EXPECT_TRUE(shows("sudare_policy_serial 2")) << unit_.log();
  EXPECT_TRUE(shows("sudare_policy_topic_messages_total 201")) << unit_.log();
  EXPECT_TRUE(shows("sudare_policy_updates_refused_total{reason=\"signatures\"} 200"));
  EXPECT_TRUE(shows("sudare_uplink_connected 1"));
}

// They look signed, so each would cost a computation; most are dropped, and all are counted.
TEST_F(HostilePolicyBroker, AStreamOfTextsThatLookSignedIsLookedAtNowAndThen) {
  ASSERT_TRUE(greet());
  ASSERT_TRUE(cloud_.send_bytes({kSuback, sizeof kSuback}));
  const std::string good = *sign_policy(policy_, signer_);
  const std::string line = good.substr(good.find("# sudare-signature:"));
  for (int i = 0; i < 200; ++i) {
    const std::string text = std::to_string(i) + std::string(10'000, 'x') + "\n" + line;
    ASSERT_TRUE(cloud_.send_bytes(publish_head(text.size(), kTopic) + text));
  }
  EXPECT_TRUE(shows("sudare_policy_topic_messages_total 200")) << unit_.log();
  const auto count = [this](const std::string& reason) {
    const std::string body = unit_.get("/metrics").body;
    const std::string name = "sudare_policy_updates_refused_total{reason=\"" + reason + "\"} ";
    return std::stoi(body.substr(body.find(name) + name.size()));
  };
  EXPECT_TRUE(eventually([&] { return count("signatures") + count("too_many") == 200; }));
  EXPECT_GT(count("too_many"), 0);
  EXPECT_TRUE(shows("sudare_policy_serial 1"));
  EXPECT_TRUE(shows("sudare_uplink_connected 1"));
}

TEST_F(HostilePolicyBroker, AMessageOnAnotherTopicEndsTheConnection) {
  ASSERT_TRUE(greet());
  ASSERT_TRUE(cloud_.send_bytes(publish_head(1, "sudare/1/seq/00") + "x"));
  EXPECT_TRUE(shows("sudare_uplink_unexpected_total 1")) << unit_.log();
  cloud_.close_one();
  EXPECT_TRUE(greet());
}

TEST_F(HostilePolicyBroker, ARefusedSubscriptionIsSaidOnceAndTheUplinkWorks) {
  ASSERT_TRUE(greet());
  const std::string refused("\x90\x03\x00\x01\x80", 5);
  ASSERT_TRUE(cloud_.send_bytes(refused + refused));
  EXPECT_TRUE(shows("sudare_policy_topic_refused_total 1")) << unit_.log();
  EXPECT_TRUE(shows("sudare_uplink_connected 1"));
  MqttClient car(unit_.local().port());
  car.publish("test/json", Unit::number_payload(1));
  EXPECT_TRUE(eventually([this] {
    return cloud_.receive(100).find("sudare/1/seq") != std::string::npos;
  })) << unit_.log();
}

}  // namespace
}  // namespace sudare::testkit
