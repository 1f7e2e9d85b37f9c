// When clips may be sent: network and day.
#include "gateway/clips/send_rules.h"

#include "tests/unit/seal/car.h"

namespace sudare {
namespace {

using Strings = std::vector<std::string>;

class SendRulesTest : public ::testing::Test {
 protected:
  SendRulesTest() {
    for (const PurposeIndex purpose : {seal_test::kRepair, seal_test::kDriving}) {
      car.policy.purposes[purpose].clips.emplace();
    }
    car.policy.purposes[seal_test::kRepair].clips->unmetered_only = true;
    car.policy.purposes[seal_test::kDriving].clips->daily_bytes_max = 1000;
    load();
  }
  void load() {
    rules.emplace(std::move(*SendRules::load(*car.store, car.policy, *car.time, "net")));
  }
  bool say(const std::string& word, bool retained = false) {
    Message message;
    message.topic.set("net");
    message.payload.set(word);
    message.retained = retained;
    EXPECT_TRUE(rules->is_network(message));
    return rules->apply(message);
  }
  void published(const std::string& purpose, std::uint64_t bytes) {
    std::vector<StateEntry> changes;
    rules->published({{purpose, bytes}}, changes);
    car.persist(std::move(changes));
  }
  std::uint64_t allowed() { return rules->allowances().at("driving-diagnosis"); }

  seal_test::Car car;
  std::optional<SendRules> rules;
};

TEST_F(SendRulesTest, ANetworkThatNobodyKnowsCountsAsMetered) {
  EXPECT_EQ(rules->withheld(), Strings{"repair"});
  EXPECT_TRUE(say("unmetered", true));
  EXPECT_EQ(rules->withheld(), Strings{});
  EXPECT_FALSE(say("unmetered"));
  EXPECT_TRUE(say("metered"));
  EXPECT_EQ(rules->withheld(), Strings{"repair"});
}

TEST_F(SendRulesTest, NobodyListensWhereNoPurposeAsks) {
  EXPECT_EQ(rules->topic_filter(), "net");
  car.policy.purposes[seal_test::kRepair].clips->unmetered_only = false;
  EXPECT_EQ(rules->topic_filter(), "");
}

TEST_F(SendRulesTest, AnyOtherWordMakesItUnknown) {
  for (const char* word : {"", "Unmetered", "unmetered ", "true"}) {
    say("unmetered");
    EXPECT_TRUE(say(word));
    EXPECT_EQ(rules->network(), Network::kUnknown);
    EXPECT_EQ(rules->withheld(), Strings{"repair"});
  }
}

TEST_F(SendRulesTest, TheDaysBytesAreBounded) {
  EXPECT_EQ(allowed(), 1000U);
  published("driving-diagnosis", 400);
  EXPECT_EQ(allowed(), 1000U) << "in all, since the start";
  published("driving-diagnosis", 700);
  EXPECT_EQ(allowed(), 1100U) << "what was sent";
}

TEST_F(SendRulesTest, ANewDayHasNewBytes) {
  published("driving-diagnosis", 900);
  car.clock.advance_ms(kMsPerDay);
  EXPECT_EQ(allowed(), 1900U);
}

TEST_F(SendRulesTest, ARestartForgetsNothing) {
  published("driving-diagnosis", 900);
  car.reboot();
  load();
  EXPECT_EQ(allowed(), 100U);
}

TEST_F(SendRulesTest, PurposesWithoutABoundHaveNone) {
  EXPECT_EQ(rules->allowances().count("repair"), 0U);
  EXPECT_EQ(rules->allowances().count("traffic"), 0U);
}

}  // namespace
}  // namespace sudare
