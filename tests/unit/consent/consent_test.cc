#include "gateway/consent/consent.h"

#include <gtest/gtest.h>

#include "gateway/consent/consent_message.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

// --- the message

TEST(ConsentMessageTest, WhatIsNotExactlyAWordIsNone) {
  for (const char* text : {"",
                           " ",
                           "null",
                           "true",
                           "[]",
                           "{}",
                           "{\"granted\":true}",
                           "{\"counter\":1}",
                           "{\"granted\":1,\"counter\":1}",
                           "{\"granted\":\"true\",\"counter\":1}",
                           "{\"granted\":null,\"counter\":1}",
                           "{\"granted\":true,\"counter\":-1}",
                           "{\"granted\":true,\"counter\":-0}",
                           "{\"granted\":true,\"counter\":1.0}",
                           "{\"granted\":true,\"counter\":1e3}",
                           "{\"granted\":true,\"counter\":\"1\"}",
                           "{\"granted\":true,\"counter\":18446744073709551616}",
                           "{\"granted\":true,\"counter\":1,\"granted\":false}",
                           "{\"granted\":true,\"counter\":1,\"counter\":1}",
                           "{\"granted\":true,\"counter\":1,\"by\":\"x\"}",
                           "{\"granted\":true,\"counter\":1}}",
                           "{\"granted\":true,\"counter\":1} {}",
                           "{\"granted\":true,\"counter\":1,}",
                           "{\"Granted\":true,\"counter\":1}",
                           "{\"granted\":true \"counter\":1}",
                           "{\"granted\":true,,\"counter\":1}",
                           "{\"granted\":trueish,\"counter\":1}",
                           "{\"granted\":true,\"counter\":01}",
                           "{\"granted\":true,\"counter\":}",
                           "{\"granted\":true,\"counter\":+1}",
                           "{\"granted\":true,\"counter\":1",
                           "{\"\\u0067ranted\":true,\"counter\":1}",
                           "[{\"granted\":true,\"counter\":1}]",
                           "\xff\xfe"}) {
    const auto word = parse_consent(text);
    ASSERT_FALSE(word) << text;
    EXPECT_EQ(word.error().code, ErrorCode::kMalformed) << text;
  }
}

TEST(ConsentMessageTest, ALongPayloadIsNotParsed) {
  const std::string word = "{\"granted\":true,\"counter\":1}";
  EXPECT_TRUE(parse_consent(word + std::string(kConsentBytesMax - word.size(), ' ')));
  const auto longer = parse_consent(word + std::string(kConsentBytesMax - word.size() + 1, ' '));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, ErrorCode::kTooLarge);
}

TEST(ConsentMessageTest, AWordIsRead) {
  EXPECT_EQ(parse_consent("{\"granted\": true, \"counter\": 7}"), (ConsentWord{true, 7}));
  EXPECT_EQ(parse_consent("{\"counter\":18446744073709551615,\"granted\":false}"),
            (ConsentWord{false, 18446744073709551615u}));
  EXPECT_EQ(parse_consent(" {\t\"counter\" :0\r\n, \"granted\"\n:\ttrue } "),
            (ConsentWord{true, 0}));
}

// --- the rules

enum : PurposeIndex { kOptIn, kOptOut, kLegal, kUnspecified };

class ConsentTest : public testing::Test {
 protected:
  ConsentTest() {
    policy_.purposes.resize(4);
    policy_.purposes[kOptIn].name = "traffic";
    policy_.purposes[kOptIn].consent = v1::Purpose::OPT_IN;
    policy_.purposes[kOptOut].name = "diagnostics";
    policy_.purposes[kOptOut].consent = v1::Purpose::OPT_OUT;
    policy_.purposes[kLegal].name = "emergency";
    policy_.purposes[kLegal].consent = v1::Purpose::LEGAL_OBLIGATION;
    policy_.purposes[kUnspecified].name = "other";
    policy_.purposes[kUnspecified].consent = v1::Purpose::CONSENT_UNSPECIFIED;
    load();
  }

  void load() {
    consent_.reset();
    store_.reset();
    auto store = Store::open({directory_.path() / "state", 1 << 20, 0}, clock_);
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    auto consent = Consent::load(*store_, policy_, "vehicle/consent");
    ASSERT_TRUE(consent);
    consent_ = std::move(*consent);
  }
  static Message message(const std::string& topic, const std::string& payload) {
    Message message;
    message.topic.set(topic);
    message.payload.set(payload);
    message.retained = true;
    return message;
  }
  // Applies and persists.
  Result<Consent::Change> say(const std::string& purpose, bool granted, std::uint64_t counter) {
    CommitGroup group;
    auto change =
        consent_->apply(message("vehicle/consent/" + purpose,
                                std::string("{\"granted\":") + (granted ? "true" : "false") +
                                    ",\"counter\":" + std::to_string(counter) + "}"),
                        group.state);
    EXPECT_TRUE(store_->commit(group));
    return change;
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
  Policy policy_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Consent> consent_;
};

TEST_F(ConsentTest, ADamagedWordIsNotTaken) {
  for (const char* damaged : {"+", "7", "+x", "+7x", "+99999999999999999999"}) {
    CommitGroup group;
    group.state.push_back({"consent", "traffic", damaged});
    ASSERT_TRUE(store_->commit(group));
    const auto consent = Consent::load(*store_, policy_, "vehicle/consent");
    ASSERT_FALSE(consent) << damaged;
    EXPECT_EQ(consent.error().code, ErrorCode::kMalformed);
  }
}

TEST_F(ConsentTest, ALaterPolicyFindsAWithdrawalForAPurposeItNamesFirst) {
  const auto change = say("later", false, 7);
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->changed && !change->granted && !change->purpose);
  EXPECT_EQ(change->name, "later");
  EXPECT_EQ(consent_->withdrawn(), std::vector<std::string>{"later"});
  EXPECT_FALSE(say("later", true, 7)) << "a replayed grant is refused here too";
  load();
  Policy other = policy_;
  other.purposes[kOptOut].name = "later";
  consent_->use_policy(other);
  EXPECT_FALSE(consent_->allowed(kOptOut));
  consent_->use_policy(policy_);
  EXPECT_TRUE(consent_->allowed(kOptOut));
}

TEST_F(ConsentTest, AnIdentifierInPlaceOfAPurposeIsNotKept) {
  std::vector<StateEntry> out;
  const auto word = consent_->apply(
      message("vehicle/consent/jtdkn3du0a0123456", R"({"granted":true,"counter":1})"), out);
  ASSERT_FALSE(word);
  EXPECT_EQ(word.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(out.empty());
}

TEST_F(ConsentTest, WordsForPurposesWithoutAPolicyAreBounded) {
  std::vector<StateEntry> out;
  const auto word = [&](const std::string& name) {
    return consent_->apply(message("vehicle/consent/" + name, "{\"granted\":false,\"counter\":1}"),
                           out);
  };
  for (std::size_t i = 0; i < kUnnamedWordsMax; ++i) {
    ASSERT_TRUE(word("p-" + std::to_string(i)));
  }
  const auto more = word("one-more");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kFull);
  EXPECT_EQ(out.size(), kUnnamedWordsMax);
  EXPECT_TRUE(word("traffic")) << "the policy's own purposes always find room";
  EXPECT_TRUE(say("p-0", true, 2)) << "and so do new words for names that are kept";
}

TEST_F(ConsentTest, WithdrawnNamesNoLegalObligation) {
  ASSERT_TRUE(say("emergency", false, 1));
  ASSERT_TRUE(say("traffic", false, 1));
  EXPECT_EQ(consent_->withdrawn(), std::vector<std::string>{"traffic"});
  ASSERT_TRUE(say("traffic", true, 2));
  EXPECT_TRUE(consent_->withdrawn().empty());
}

TEST_F(ConsentTest, WhatIsNoPurposesNameIsNotFound) {
  for (const std::string& name : {std::string(), std::string("Traffic"), std::string("a b"),
                                  std::string("\xff"), std::string(33, 'a')}) {
    const auto change = say(name, false, 1);
    ASSERT_FALSE(change) << name;
    EXPECT_EQ(change.error().code, ErrorCode::kNotFound);
  }
  std::vector<StateEntry> out;
  EXPECT_FALSE(consent_->apply(message("elsewhere/traffic", "{}"), out));
  EXPECT_TRUE(out.empty());
}

TEST_F(ConsentTest, AMalformedWordChangesNothing) {
  ASSERT_TRUE(say("traffic", true, 1));
  std::vector<StateEntry> out;
  for (const char* payload : {"", "{\"granted\":false}"}) {
    const auto change = consent_->apply(message("vehicle/consent/traffic", payload), out);
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().code, ErrorCode::kMalformed);
  }
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(consent_->allowed(kOptIn));
}

TEST_F(ConsentTest, AReplayedGrantIsIgnored) {
  ASSERT_TRUE(say("traffic", true, 5));
  ASSERT_TRUE(say("traffic", false, 6));
  for (const std::uint64_t counter : {5u, 6u}) {
    const auto replayed = say("traffic", true, counter);
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().code, ErrorCode::kRefused);
  }
  load();
  EXPECT_FALSE(say("traffic", true, 6)) << "nor after a restart";
  EXPECT_FALSE(consent_->allowed(kOptIn));
}

TEST_F(ConsentTest, AWithdrawalWinsATie) {
  ASSERT_TRUE(say("traffic", true, 18446744073709551615u));
  const auto change = say("traffic", false, 18446744073709551615u);
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->changed);
  EXPECT_FALSE(change->granted);
  EXPECT_FALSE(consent_->allowed(kOptIn));
}

TEST_F(ConsentTest, WithoutAWordTheKindOfConsentDecides) {
  EXPECT_FALSE(consent_->allowed(kOptIn));
  EXPECT_TRUE(consent_->allowed(kOptOut));
  EXPECT_TRUE(consent_->allowed(kLegal));
  EXPECT_FALSE(consent_->allowed(kUnspecified));
}

TEST_F(ConsentTest, AWordHoldsAtOnceAndAfterARestart) {
  const auto granted = say("traffic", true, 1);
  ASSERT_TRUE(granted);
  EXPECT_TRUE(granted->changed && granted->granted);
  EXPECT_EQ(granted->purpose, kOptIn);
  const auto withdrawn = say("diagnostics", false, 1);
  ASSERT_TRUE(withdrawn);
  EXPECT_TRUE(withdrawn->changed && !withdrawn->granted);
  load();
  EXPECT_TRUE(consent_->allowed(kOptIn));
  EXPECT_FALSE(consent_->allowed(kOptOut));
}

TEST_F(ConsentTest, NoWordEndsALegalObligation) {
  const auto change = say("emergency", false, 1);
  ASSERT_TRUE(change);
  EXPECT_FALSE(change->changed);
  EXPECT_TRUE(change->granted);
}

TEST_F(ConsentTest, TheSameWordAgainChangesAndPersistsNothing) {
  ASSERT_TRUE(say("traffic", true, 3));
  std::vector<StateEntry> out;
  const auto again =
      consent_->apply(message("vehicle/consent/traffic", "{\"granted\":true,\"counter\":3}"), out);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_TRUE(out.empty());
}

TEST_F(ConsentTest, OnlyOneLevelBelowThePrefixIsConsent) {
  EXPECT_EQ(consent_->topic_filter(), "vehicle/consent/+");
  EXPECT_TRUE(consent_->is_consent(message("vehicle/consent/traffic", "")));
  for (const char* topic :
       {"vehicle/consent", "vehicle/consent/a/b", "vehicle/consents/a", "xvehicle/consent/a", ""}) {
    EXPECT_FALSE(consent_->is_consent(message(topic, ""))) << topic;
  }
}

TEST_F(ConsentTest, AnotherPolicyKeepsTheWordsByName) {
  ASSERT_TRUE(say("traffic", true, 1));
  Policy other = policy_;
  std::swap(other.purposes[kOptIn], other.purposes[kUnspecified]);
  consent_->use_policy(other);
  EXPECT_FALSE(consent_->allowed(kOptIn));
  EXPECT_TRUE(consent_->allowed(kUnspecified)) << "now the index of \"traffic\"";
}

// --- a new owner

class ConsentOfANewOwner : public ConsentTest {
 protected:
  // What a transfer does with the words.
  void transfer() {
    CommitGroup group;
    auto words = store_->states("consent");
    ASSERT_TRUE(words);
    ASSERT_TRUE(Consent::forget_words(*words));
    group.state = *words;
    ASSERT_TRUE(store_->commit(group));
    load();
  }
};

TEST_F(ConsentOfANewOwner, NothingIsGrantedOrWithdrawn) {
  ASSERT_TRUE(say("traffic", true, 7));
  ASSERT_TRUE(say("diagnostics", false, 3));
  transfer();
  EXPECT_FALSE(consent_->allowed(kOptIn));
  EXPECT_TRUE(consent_->allowed(kOptOut));
  EXPECT_TRUE(consent_->withdrawn().empty());
}

TEST_F(ConsentOfANewOwner, TheFormerOwnersRetainedGrantDoesNotSpeakForHim) {
  ASSERT_TRUE(say("traffic", true, 7));
  transfer();
  const auto again = say("traffic", true, 7);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kRefused);
  EXPECT_FALSE(consent_->allowed(kOptIn));
  ASSERT_TRUE(say("traffic", true, 8));
  EXPECT_TRUE(consent_->allowed(kOptIn));
  load();
  EXPECT_TRUE(consent_->allowed(kOptIn));
}

TEST_F(ConsentOfANewOwner, AWithdrawalHoldsWithAnyCounterAndNoOldGrantFollowsIt) {
  ASSERT_TRUE(say("diagnostics", true, 7));
  transfer();
  ASSERT_TRUE(say("diagnostics", false, 1));
  EXPECT_FALSE(consent_->allowed(kOptOut));
  load();
  EXPECT_FALSE(consent_->allowed(kOptOut));
  EXPECT_FALSE(say("diagnostics", true, 7));
  EXPECT_FALSE(consent_->allowed(kOptOut));
}

TEST_F(ConsentOfANewOwner, ASecondTransferKeepsTheCounter) {
  ASSERT_TRUE(say("traffic", true, 7));
  transfer();
  transfer();
  EXPECT_FALSE(say("traffic", true, 7));
  EXPECT_TRUE(say("traffic", true, 8));
}

}  // namespace
}  // namespace sudare
