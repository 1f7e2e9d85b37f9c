#include "gateway/policy/signed_policy.h"

#include <gmock/gmock.h>

#include "tests/unit/policy/signing.h"

namespace sudare::policy_test {
namespace {

using testing::HasSubstr;

// "rescue" alone: with signers, each purpose of a ceiling pins its recipients.
std::string ceiling(const std::string& more) {
  std::string text = more;
  int number = 1;
  for (const char* name : {"service", "anonymous", "owner", "rescue"}) {
    text += "purpose { name: \"" + std::string(name) + "\" recipient: \"" + recipient(number++) +
            "\" ceiling { cell: EXACT allow: [DEALER, ALTITUDE, ODOMETER, TRIP_DISTANCE, ENERGY, "
            "AMBIENT, VIN, FRAME_NUMBER, TERMINAL_ID, DEVICE_SERIAL, PHONE, PLATE, ACCOUNT_ID, "
            "BEHAVIOUR, ROAD_LINK, PLACE_NAME, NMEA_SENTENCE, RADIO_ID, PERSON_NAME, FREE_TEXT, "
            "VIDEO, AUDIO] } longest_pseudonym { until_transfer {} } keep_hours_max: 72 " +
            (std::string(name) == "rescue" ? "essential: true consent: LEGAL_OBLIGATION " : "") +
            (std::string(name) == "owner" ? "audience: OWNER " : "") + "}\n";
  }
  return text;
}

class SignedPolicyTest : public testing::Test {
 protected:
  // `threshold` of both keys.
  std::unique_ptr<const CeilingPlan> both(int threshold) const {
    return ceiling_of(ceiling("policy_signer: \"" + first_.authority().to_string() +
                              "\" policy_signer: \"" + second_.authority().to_string() +
                              "\" policy_threshold: " + std::to_string(threshold) + "\n"));
  }
  static std::string refusal(const std::string& text, const CeilingPlan& plan) {
    const PolicyLoad result = load(text, &plan);
    EXPECT_EQ(result.policy, nullptr);
    EXPECT_FALSE(is_signed(text, plan));
    return printed(result.diagnostics);
  }
  static void accepted(const std::string& text, const CeilingPlan& plan) {
    expect_accepted(text, &plan);
    EXPECT_TRUE(is_signed(text, plan));
  }

  SigningKey first_ = fresh_key();
  SigningKey second_ = fresh_key();
  SigningKey stranger_ = fresh_key();
};

TEST_F(SignedPolicyTest, AnUnsignedOneIsRefusedWhereTheImagePinsSigners) {
  EXPECT_THAT(refusal(purposes(), *both(1)), HasSubstr("not signed by 1 of the 2 signers"));
}

TEST_F(SignedPolicyTest, OneSignatureIsTooFewForTwo) {
  const auto plan = both(2);
  EXPECT_THAT(refusal(sign(purposes(), first_), *plan), HasSubstr("only 1 signature(s) count"));
  accepted(sign(sign(purposes(), first_), second_), *plan);
}

TEST_F(SignedPolicyTest, AStrangersSignatureDoesNotCount) {
  EXPECT_THAT(refusal(sign(sign(purposes(), first_), stranger_), *both(2)),
              HasSubstr("no policy_signer"));
  accepted(sign(sign(purposes(), first_), stranger_), *both(1));
}

TEST_F(SignedPolicyTest, OneSignerTwiceCountsOnce) {
  const std::string once = sign(purposes(), first_);
  const std::string twice = once + once.substr(once.rfind("# sudare-signature:"));
  EXPECT_THAT(refusal(twice, *both(2)), HasSubstr("second signature of the same signer"));
  EXPECT_EQ(sign_policy(once, first_).error().code, ErrorCode::kRefused);
}

TEST_F(SignedPolicyTest, TheSignaturesOfAnotherTextDoNotCount) {
  const std::string once = sign(purposes(), first_);
  const std::string changed = replaced(once, "serial: 1", "serial: 2");
  EXPECT_THAT(refusal(changed, *both(1)), HasSubstr("not of this text"));
}

TEST_F(SignedPolicyTest, ASignatureOverTheTextAndItsLineDoesNotCount) {
  const std::string once = sign(purposes(), first_);
  const std::string line =
      signature_line(second_.authority(), second_.sign(policy_signing_input(once)));
  EXPECT_THAT(refusal(once + line, *both(2)), HasSubstr("not of this text"));
}

TEST_F(SignedPolicyTest, NothingFollowsTheSignatures) {
  const std::string once = sign(purposes(), first_);
  for (const char* const more : {"source { }\n", "\n", "# a comment\n", "x"}) {
    EXPECT_THAT(refusal(once + more, *both(1)), HasSubstr("after the signatures")) << more;
  }
  EXPECT_THAT(refusal(once.substr(0, once.size() - 1), *both(1)), HasSubstr("signature"));
}

TEST_F(SignedPolicyTest, DamagedLinesAreRefusedWithTheirLine) {
  const std::string once = sign("a\n", first_);
  for (const auto& [from, to] : {std::pair{"sudarepub1", "sudarepub2"},
                                 {" sudarepub", "sudarepub"},
                                 {"signature: ", "signature:  "}}) {
    const auto read = read_signed_policy(replaced(once, from, to));
    ASSERT_FALSE(read.has_value()) << to;
    EXPECT_EQ(read.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(read.error().detail, 2);
  }
  std::string longer = once;
  longer.insert(longer.size() - 1, "A");
  EXPECT_FALSE(read_signed_policy(longer).has_value());
  EXPECT_FALSE(read_signed_policy("# sudare-signature:\n").has_value());
}

TEST_F(SignedPolicyTest, TooManySignaturesAreRefused) {
  std::string text = "a\n";
  for (std::size_t i = 0; i < kPolicySignersMax; ++i) text = sign(text, fresh_key());
  EXPECT_EQ(read_signed_policy(text)->signatures.size(), kPolicySignersMax);
  EXPECT_EQ(sign_policy(text, first_).error().code, ErrorCode::kTooLarge);
  const std::string more =
      text + signature_line(first_.authority(), first_.sign(policy_signing_input("a\n")));
  EXPECT_EQ(read_signed_policy(more).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(load(more).policy, nullptr);
}

TEST_F(SignedPolicyTest, TheMarkInAStringHidesNothingFromTheSignature) {
  // What follows the mark at a line's start is signatures, or refused: it is never read as policy.
  const std::string text = purposes() + "source { topic: \"a\n# sudare-signature: x\" }\n";
  EXPECT_EQ(load(text).policy, nullptr);
  EXPECT_FALSE(read_signed_policy(text).has_value());
}

TEST_F(SignedPolicyTest, ATextWithoutALastLineFeedIsSignedWithOne) {
  const std::string once = sign("language: 1", first_);
  EXPECT_EQ(read_signed_policy(once)->text, "language: 1\n");
  EXPECT_EQ(read_signed_policy("language: 1")->text, "language: 1");
}

TEST_F(SignedPolicyTest, WithoutSignersInTheCeilingSignaturesAreComments) {
  expect_accepted(sign(purposes(), stranger_));
  const auto plan = ceiling_of(ceiling(""));
  expect_accepted(sign(purposes(), stranger_), plan.get());
  EXPECT_FALSE(is_signed(sign(purposes(), stranger_), *plan));
}

TEST_F(SignedPolicyTest, SignaturesChangeNothingOfWhatItSays) {
  const PolicyLoad bare = load(purposes());
  const PolicyLoad with = load(sign(purposes(), first_));
  ASSERT_NE(with.policy, nullptr);
  EXPECT_EQ(bare.policy->purposes[0].slice, with.policy->purposes[0].slice);
  EXPECT_EQ(printed(check_expiry("p", sign(purposes(), first_), 100'000)),
            printed(check_expiry("p", purposes(), 100'000)));
}

TEST_F(SignedPolicyTest, ACeilingsSignersAreChecked) {
  const std::string key = first_.authority().to_string();
  const std::pair<std::string, std::string> bad[] = {
      {"policy_signer: \"sudarepub1x\" policy_threshold: 1", "no authority's public key"},
      {"policy_signer: \"" + key + "\" policy_signer: \"" + key + "\" policy_threshold: 1",
       "named twice"},
      {"policy_signer: \"" + key + "\"", "how many of the signers"},
      {"policy_signer: \"" + key + "\" policy_threshold: 2", "how many of the signers"},
      {"policy_threshold: 1", "nobody who signs"}};
  for (const auto& [text, reason] : bad) {
    const CeilingLoad load = load_ceiling("c", ceiling(text + "\n"));
    EXPECT_EQ(load.ceiling, nullptr);
    EXPECT_THAT(printed(load.diagnostics), HasSubstr(reason));
  }
  std::string many;
  for (std::size_t i = 0; i <= kPolicySignersMax; ++i) {
    many += "policy_signer: \"" + fresh_key().authority().to_string() + "\" ";
  }
  EXPECT_THAT(printed(load_ceiling("c", ceiling(many + "policy_threshold: 1\n")).diagnostics),
              HasSubstr("too many"));
}

TEST_F(SignedPolicyTest, WithSignersEveryPurposePinsWhoReceives) {
  const std::string text = "policy_signer: \"" + first_.authority().to_string() +
                           "\" policy_threshold: 1\n" +
                           replaced(ceiling(""), "recipient: \"" + recipient(2) + "\"", "");
  const CeilingLoad load = load_ceiling("c", text);
  EXPECT_EQ(load.ceiling, nullptr);
  EXPECT_THAT(printed(load.diagnostics), HasSubstr("could name any recipient of \"anonymous\""));
}

TEST_F(SignedPolicyTest, WhoSignsPoliciesNamesNoRecipients) {
  const auto pinning = [this](const SigningKey& authority) {
    return "policy_signer: \"" + first_.authority().to_string() + "\" policy_threshold: 1\n" +
           replaced(ceiling(""), "recipient: \"" + recipient(2) + "\"",
                    "recipient_authority: \"" + authority.authority().to_string() + "\"");
  };
  EXPECT_NE(load_ceiling("c", pinning(second_)).ceiling, nullptr);
  const CeilingLoad load = load_ceiling("c", pinning(first_));
  EXPECT_EQ(load.ceiling, nullptr);
  EXPECT_THAT(printed(load.diagnostics), HasSubstr("this key signs policies as well"));
}

}  // namespace
}  // namespace sudare::policy_test
