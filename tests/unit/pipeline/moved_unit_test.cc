// A unit in another car: what leaves, what is withheld, what is written.
#include "gateway/car/car_check.h"
#include "tests/unit/pipeline/pipeline_fixture.h"

namespace sudare::pipeline_test {
namespace {

constexpr std::string_view kVin = "JTDKB20U793012345";
constexpr std::string_view kSource =
    "source { topic: \"who\" codec: JSON identity_field: \"vin\" "
    "classify { path: \"vin\" class: VIN } }\n";

class MovedUnitTest : public PipelineTest {
 protected:
  void SetUp() override {
    PipelineTest::SetUp();
    CommitGroup group;
    ASSERT_TRUE(CarCheck::provision({}, kVin, "", group.state));
    fingerprint_ = *CarCheck::fingerprint_of(group.state);
    ASSERT_TRUE(store->commit(group));
    begin("2099-12-31", false, std::string(kSource));
  }
  void say(std::string_view vin, bool retained = false) {
    take("who", "{\"vin\":\"" + std::string(vin) + "\"}", retained);
  }
  [[nodiscard]] std::string other_vin() const {
    for (int i = 100'000;; ++i) {
      std::string vin = "WVWZZZ1KZAW" + std::to_string(i);
      if (fingerprint_->match(vin, "") == CarFingerprint::Match::kOther) return vin;
    }
  }
  void move() {
    for (std::uint32_t i = 0; i < kCarDiffersMax; ++i) say(other_vin());
  }

  std::optional<CarFingerprint> fingerprint_;
};

TEST_F(MovedUnitTest, InAnotherCarOnlyEssentialPurposesAreServed) {
  move();
  EXPECT_EQ(pipeline->restriction(), Reason::kUnitMoved);
  EXPECT_TRUE(pipeline->commit_at_once());
  take("both", "{\"n\":1}");
  take("urgent", "{\"n\":1}");
  commit();
  EXPECT_EQ(fate("open", Fate::kQueued), 0);
  EXPECT_EQ(reason("open", Reason::kUnitMoved), 1U);
  EXPECT_EQ(fate("emergency", Fate::kQueued), 1);
}

TEST_F(MovedUnitTest, WhatWaitsInMemoryGoesAndWhatIsQueuedIsWithheld) {
  take("both", "{\"n\":1}");
  commit();  // in the store, as a fragment
  take("both", "{\"n\":2}");
  move();
  EXPECT_EQ(pipeline->withheld(), (std::vector<std::string>{"asked", "open"}));
  commit();
  EXPECT_EQ(fate("open", Fate::kQueued), 1);
  EXPECT_EQ(fate("open", Fate::kRejected), 1);
  EXPECT_EQ(reason("open", Reason::kUnitMoved), 1U);
}

TEST_F(MovedUnitTest, ItStaysSoAfterARestart) {
  move();
  commit();
  pipeline.reset();
  begin("2099-12-31", false, std::string(kSource));
  EXPECT_EQ(pipeline->restriction(), Reason::kUnitMoved);
  say(kVin);
  take("both", "{\"n\":1}");
  commit(true);
  EXPECT_EQ(fate("open", Fate::kQueued), 0);
}

// Else a power cut, or a full disk, would undo it.
TEST_F(MovedUnitTest, TheCommitThatFirstCountsItHoldsIt) {
  move();
  take("both", "{\"n\":1}");
  commit();
  EXPECT_EQ(reason("open", Reason::kUnitMoved), 1U);
  EXPECT_TRUE((*CarCheck::load(*store))->moved());
}

TEST_F(MovedUnitTest, InDoubtNothingIsServedUntilItsOwnCarSpeaks) {
  say(other_vin());
  EXPECT_EQ(pipeline->restriction(), Reason::kUnitMoved);
  EXPECT_EQ(pipeline->withheld(), (std::vector<std::string>{"asked", "open"}));
  EXPECT_TRUE(pipeline->commit_at_once());
  take("both", "{\"n\":1}");
  say(kVin);
  take("both", "{\"n\":2}");
  commit();
  EXPECT_EQ(pipeline->restriction(), Reason::kNone);
  EXPECT_TRUE(pipeline->withheld().empty());
  EXPECT_EQ(reason("open", Reason::kUnitMoved), 1U);
  EXPECT_EQ(fate("open", Fate::kQueued), 1);
}

// Gates that a message opens, let it through as they let any other.
TEST_F(MovedUnitTest, TheMessageThatEndsADoubtIsLookedAtForIdentifiers) {
  begin("2099-12-31", false,
        "source { topic: \"who\" codec: JSON identity_field: \"vin\" "
        "classify { path: \"vin\" class: VIN } classify { path: \"s\" class: NOT_PERSONAL } "
        "release { to: \"open\" field { path: \"s\" } time { exact: true } } }\n");
  say(other_vin());
  take("who", "{\"vin\":\"" + std::string(kVin) + "\",\"s\":\"mail to a.driver@example.org\"}");
  commit();
  EXPECT_EQ(pipeline->restriction(), Reason::kNone);
  EXPECT_EQ(fate("open", Fate::kQueued), 0);
}

TEST_F(MovedUnitTest, InItsOwnCarEverythingIsServed) {
  for (int i = 0; i < 10; ++i) say(kVin);
  say("garbled");
  take("both", "{\"n\":1}");
  commit();
  EXPECT_EQ(pipeline->restriction(), Reason::kNone);
  EXPECT_EQ(fate("open", Fate::kQueued), 1);
  EXPECT_TRUE(pipeline->car_checked());
}

// A car may say who it is once, retained, before the gateway listens.
TEST_F(MovedUnitTest, ARetainedMessageSaysWhoseCarItIs) {
  for (std::uint32_t i = 0; i < kCarDiffersMax; ++i) say(other_vin(), true);
  EXPECT_EQ(pipeline->restriction(), Reason::kUnitMoved);
  say(kVin, true);
  EXPECT_EQ(pipeline->restriction(), Reason::kNone) << "retained values end no trust for good";
}

TEST_F(MovedUnitTest, APolicyThatAsksNobodyChecksNothing) {
  begin();
  EXPECT_FALSE(pipeline->car_checked());
}

// A policy that was replaced does not open what the former one's name was withheld under.
TEST_F(MovedUnitTest, AnotherPolicyOpensNothing) {
  move();
  commit();
  ASSERT_TRUE(pipeline->use_policy({load("2099-12-31"), false}));
  take("both", "{\"n\":1}");
  commit(true);
  EXPECT_EQ(fate("open", Fate::kQueued), 0);
}

}  // namespace
}  // namespace sudare::pipeline_test
