// From where the policy in force comes, and what may follow it.
#include "gateway/pipeline_policy.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/limits.h"
#include "fleet/authority/policy_signature.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/pipeline/pipeline_fixture.h"

namespace sudare::pipeline_test {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kToday = 21'000;  // 2027-07-01

SigningKey fresh_key() {
  EXPECT_TRUE(crypto_is_ready());
  return SigningKey::generate();
}

class PolicyFilesTest : public PipelineTest {
 protected:
  void SetUp() override {
    PipelineTest::SetUp();
    plan_.state_directory = (directory.path() / "state").string();
    plan_.policy_file = (directory.path() / "policy").string();
    plan_.ceiling_file = (directory.path() / "ceiling").string();
    write(plan_.ceiling_file, "policy_signer: \"" + signer_.authority().to_string() +
                                  "\" policy_threshold: 1\n" + ceiling());
  }
  static void write(const std::string& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
  }
  [[nodiscard]] std::string ceiling() const {
    return "purpose { name: \"p\" recipient_authority: \"" + authority_.authority().to_string() +
           "\" ceiling { } longest_pseudonym { none {} } keep_hours_max: 24 }\n";
  }
  [[nodiscard]] std::string token(std::uint64_t serial, const std::string& purpose) const {
    const auto recipient = age::open_side::Identity::generate().recipient();
    return *certify({purpose, recipient, serial, kToday - 10, kToday + 10}, authority_);
  }
  static std::string with(std::string text, const std::string& what, const std::string& instead) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
  }
  [[nodiscard]] static std::string text(std::uint64_t serial, const std::string& certificates,
                                        const std::string& header = "not_after: \"2030-01-01\"") {
    return "language: 1 serial: " + std::to_string(serial) + " " + header +
           "\npurpose { name: \"p\" " + certificates +
           " pseudonym { none {} } consent: OPT_IN ceiling { } linger_ms: 1000 "
           "batch_bytes_max: 1024 keep_hours: 24 }\n";
  }
  [[nodiscard]] std::string certified(std::uint64_t serial,
                                      const std::string& purpose = "p") const {
    return "certificate: \"" + token(serial, purpose) + "\"";
  }
  [[nodiscard]] std::string signed_text(const std::string& plain) const {
    return *sign_policy(plain, signer_);
  }
  [[nodiscard]] std::string policy(std::uint64_t serial) const {
    return signed_text(text(serial, certified(serial)));
  }
  [[nodiscard]] PolicyFloors after(const std::string& file, PolicyFloors floors = {}) const {
    const PolicyFiles::Offer offer = files_.judge(file, kToday, floors);
    EXPECT_NE(offer.policy, nullptr);
    return floors_after(std::move(floors), *offer.policy, file);
  }
  [[nodiscard]] PolicyRefusal refusal(const std::string& file, const PolicyFloors& floors = {},
                                      std::int64_t day = kToday) const {
    const PolicyFiles::Offer offer = files_.judge(file, day, floors);
    EXPECT_EQ(offer.policy == nullptr, offer.refusal != PolicyRefusal::kNone);
    return offer.refusal;
  }

  SigningKey signer_ = fresh_key();
  SigningKey authority_ = fresh_key();
  GatewayConfigPlan plan_;
  PolicyFiles files_{plan_};
};

// --- what comes over the air

TEST_F(PolicyFilesTest, AnUnsignedOneIsRefusedBeforeItIsRead) {
  EXPECT_EQ(refusal(text(1, certified(1))), PolicyRefusal::kSignatures);
  EXPECT_EQ(refusal("serial: x"), PolicyRefusal::kSignatures);
  EXPECT_EQ(refusal(*sign_policy(text(1, certified(1)), SigningKey::generate())),
            PolicyRefusal::kSignatures);
  EXPECT_EQ(refusal(""), PolicyRefusal::kSignatures);
}

TEST_F(PolicyFilesTest, NothingComesWithoutSignersInTheCeiling) {
  const std::string good = policy(1);
  EXPECT_TRUE(files_.over_the_air());
  std::string pinned = ceiling();
  write(plan_.ceiling_file, pinned);
  EXPECT_FALSE(files_.over_the_air());
  EXPECT_EQ(refusal(good), PolicyRefusal::kSignatures);
  std::filesystem::remove(plan_.ceiling_file);
  EXPECT_FALSE(files_.over_the_air());
  EXPECT_EQ(refusal(good), PolicyRefusal::kSignatures);
  plan_.ceiling_file.clear();
  EXPECT_FALSE(files_.over_the_air());
  EXPECT_EQ(refusal(good), PolicyRefusal::kSignatures);
}

TEST_F(PolicyFilesTest, OneThatFailsTheCheckIsRefusedWithItsPlace) {
  const PolicyFiles::Offer offer =
      files_.judge(signed_text("language: 1\nserial: 7\n  nonsense: 1\n"), kToday, {});
  EXPECT_EQ(offer.refusal, PolicyRefusal::kChecks);
  EXPECT_EQ(offer.line, 3);
  EXPECT_EQ(offer.column, 3);
}

TEST_F(PolicyFilesTest, AMaliciousSignerNamesNoRecipientOfItsOwn) {
  const std::string own = age::open_side::Identity::generate().recipient().to_string();
  EXPECT_EQ(refusal(signed_text(text(1, "recipient: \"" + own + "\""))), PolicyRefusal::kChecks);
  // Not with a certificate of the signer's either.
  const auto forged =
      certify({"p", *age::Recipient::parse(own), 1, kToday - 1, kToday + 1}, signer_);
  EXPECT_EQ(refusal(signed_text(text(1, "certificate: \"" + *forged + "\""))),
            PolicyRefusal::kChecks);
}

TEST_F(PolicyFilesTest, ALowerSerialWasSuperseded) {
  const PolicyFloors floors = after(policy(5));
  EXPECT_EQ(floors.serial, 5U);
  EXPECT_EQ(refusal(policy(4), floors), PolicyRefusal::kSuperseded);
  EXPECT_EQ(refusal(policy(6), floors), PolicyRefusal::kNone);
}

// A unit that took one could never follow it.
TEST_F(PolicyFilesTest, ASerialWithoutRoomAboveItIsRefused) {
  EXPECT_EQ(refusal(policy(kSerialMax)), PolicyRefusal::kNone);
  const std::string last = text(kSerialMax + 1, certified(1));
  EXPECT_EQ(refusal(signed_text(last)), PolicyRefusal::kChecks);
  write(plan_.policy_file, signed_text(last));
  EXPECT_EQ(files_.load(kToday, {}).policy, nullptr);
}

TEST_F(PolicyFilesTest, OneSerialIsOneText) {
  const std::string first = policy(5);
  const PolicyFloors floors = after(first);
  EXPECT_EQ(refusal(first, floors), PolicyRefusal::kNone);
  EXPECT_EQ(refusal(policy(5), floors), PolicyRefusal::kOtherText);
}

TEST_F(PolicyFilesTest, SignaturesOfOnePolicyDoNotFitAnother) {
  const std::string old_text = policy(5);
  const std::string new_text = policy(6);
  const std::string mark = "# sudare-signature:";
  EXPECT_EQ(refusal(new_text.substr(0, new_text.find(mark)) + old_text.substr(old_text.find(mark))),
            PolicyRefusal::kSignatures);
}

TEST_F(PolicyFilesTest, ItsDaysDecide) {
  const auto dated = [this](const std::string& header) {
    return signed_text(text(9, certified(9), header));
  };
  EXPECT_EQ(refusal(dated("not_after: \"2027-06-30\"")), PolicyRefusal::kExpired);
  EXPECT_EQ(refusal(dated("not_before: \"2027-07-02\" not_after: \"2030-01-01\"")),
            PolicyRefusal::kNotYet);
  EXPECT_EQ(refusal(dated("not_before: \"2027-07-01\" not_after: \"2027-07-01\"")),
            PolicyRefusal::kNone);
}

TEST_F(PolicyFilesTest, ARevokedCertificateStaysRevoked) {
  const std::string old_token = certified(1);
  PolicyFloors floors = after(signed_text(text(1, old_token + certified(2))));
  EXPECT_EQ(floors.certificates.at("p"), 1U);
  floors = after(signed_text(text(2, certified(3))), floors);
  EXPECT_EQ(floors.certificates.at("p"), 3U);
  EXPECT_EQ(refusal(signed_text(text(3, old_token + certified(4))), floors),
            PolicyRefusal::kCertificates);
  // The floor is a purpose's, and no policy lowers it.
  EXPECT_EQ(refusal(signed_text(text(3, certified(3))), floors), PolicyRefusal::kNone);
}

TEST_F(PolicyFilesTest, ThePurposesLastCertificateStaysRevoked) {
  const std::string own = certified(7);
  const PolicyFloors floors = after(signed_text(text(1, certified(3) + own)));
  EXPECT_EQ(floors.greatest.at("p"), 7U);
  // Without certificates, and without the purpose.
  const auto recipient = age::open_side::Identity::generate().recipient().to_string();
  write(plan_.ceiling_file, "policy_signer: \"" + signer_.authority().to_string() +
                                "\" policy_threshold: 1\n" +
                                with(ceiling(), "recipient_authority",
                                     "recipient: \"" + recipient + "\" recipient_authority") +
                                with(ceiling(), "\"p\"", "\"q\""));
  const PolicyFloors bare = after(signed_text(text(2, "recipient: \"" + recipient + "\"")), floors);
  const std::string other = with(text(2, ""), "\"p\" ", "\"q\" " + certified(1, "q"));
  const PolicyFloors gone = after(signed_text(other), floors);
  for (const PolicyFloors& now : {bare, gone}) {
    EXPECT_EQ(now.certificates.at("p"), 8U);
    EXPECT_EQ(refusal(signed_text(text(3, own)), now), PolicyRefusal::kCertificates);
    EXPECT_EQ(refusal(policy(8), now), PolicyRefusal::kNone);
  }
  // The same policy again, as at each start, raises nothing.
  EXPECT_EQ(after(signed_text(other), gone), gone);
}

TEST_F(PolicyFilesTest, FloorsThatWereKeptBeforeTheGreatestWasAreRaisedOnce) {
  CommitGroup group;
  group.state.push_back({"policy", "serial", "1"});
  group.state.push_back({"policy", "certificates.p", "5"});
  ASSERT_TRUE(store->commit(group).has_value());
  for (int start = 0; start < 3; ++start) {
    const PolicyFloors floors = floors_after(*kept_floors(*store), Policy{}, "");
    ASSERT_TRUE(keep_floors(*store, floors).has_value());
    EXPECT_EQ(floors.certificates.at("p"), 6U);
    EXPECT_EQ(floors.greatest.at("p"), 5U);
    EXPECT_EQ(*kept_floors(*store), floors);
  }
}

// --- floors

TEST_F(PolicyFilesTest, FloorsAreKeptAndNeverFall) {
  PolicyFloors floors{5, "mark", {{"p", 7}, {"q", 1}}, {{"p", 9}}};
  ASSERT_TRUE(keep_floors(*store, floors).has_value());
  EXPECT_EQ(*kept_floors(*store), floors);
  ASSERT_TRUE(keep_floors(*store, {4, "other", {{"p", 6}}, {{"p", 8}}}).has_value());
  EXPECT_EQ(*kept_floors(*store), floors);
  ASSERT_TRUE(keep_floors(*store, {6, "other", {{"p", 8}}, {{"p", 10}}}).has_value());
  EXPECT_EQ(*kept_floors(*store), (PolicyFloors{6, "other", {{"p", 8}, {"q", 1}}, {{"p", 10}}}));
}

TEST_F(PolicyFilesTest, DamagedFloorsAreAnError) {
  for (const char* key : {"serial", "certificates.p", "greatest.p"}) {
    CommitGroup group;
    group.state.push_back({"policy", key, "12x"});
    ASSERT_TRUE(store->commit(group).has_value());
    EXPECT_EQ(kept_floors(*store).error().code, ErrorCode::kMalformed);
    group.state.back().value.clear();
    ASSERT_TRUE(store->commit(group).has_value());
  }
  EXPECT_EQ(*kept_floors(*store), PolicyFloors());
}

// In force before there was a bound: what follows is refused as too large, or as superseded.
TEST_F(PolicyFilesTest, FloorsThatWereKeptAboveTheBoundLetTheLastTwoSerialsFollow) {
  CommitGroup group;
  group.state.push_back({"policy", "serial", "1769904000000000000"});
  group.state.push_back({"policy", "text", "mark"});
  group.state.push_back({"policy", "certificates.p", "1769904000000000001"});
  group.state.push_back({"policy", "greatest.p", "1769904000000000000"});
  ASSERT_TRUE(store->commit(group).has_value());
  const std::string last = signed_text(text(kSerialMax, certified(kSerialMax)));
  const PolicyFloors floors = *kept_floors(*store);
  EXPECT_EQ(refusal(policy(kSerialMax - 1), floors), PolicyRefusal::kNone);
  EXPECT_EQ(refusal(last, floors), PolicyRefusal::kNone);
  EXPECT_EQ(refusal(policy(kSerialMax - 3), floors), PolicyRefusal::kSuperseded);
  // From then on it is a floor as any other.
  const PolicyFloors next = after(last, floors);
  ASSERT_TRUE(keep_floors(*store, next).has_value());
  EXPECT_EQ(*kept_floors(*store), next);
  EXPECT_EQ(next.serial, kSerialMax);
  EXPECT_EQ(refusal(signed_text(text(kSerialMax, certified(1))), next), PolicyRefusal::kOtherText);
}

TEST_F(PolicyFilesTest, ARevokedCertificateWithTheLastSerialStaysRevoked) {
  const PolicyFloors floors{5, "mark", {{"p", kSerialMax + 1}}, {{"p", kSerialMax}}};
  ASSERT_TRUE(keep_floors(*store, floors).has_value());
  EXPECT_EQ(*kept_floors(*store), floors);
}

// --- at start

TEST_F(PolicyFilesTest, TheCopyWithTheGreaterSerialIsInForceAtStart) {
  write(plan_.policy_file, policy(1));
  const std::string newer = policy(2);
  ASSERT_TRUE(files_.remember(newer).has_value());
  const auto load = files_.load_at_start(kToday, after(newer));
  ASSERT_NE(load.policy, nullptr);
  EXPECT_EQ(load.policy->serial, 2U);
  EXPECT_EQ(load.text, newer);
  for (const Diagnostic& one : load.diagnostics) {
    EXPECT_EQ(one.severity(), DiagnosticSeverity::kWarning) << one.to_string();
  }
}

TEST_F(PolicyFilesTest, ANewerFileIsInForceAtStart) {
  write(plan_.policy_file, policy(3));
  const std::string older = policy(2);
  ASSERT_TRUE(files_.remember(older).has_value());
  EXPECT_EQ(files_.load_at_start(kToday, after(older)).policy->serial, 3U);
}

TEST_F(PolicyFilesTest, ACopyThatWasKeptBeforeItsFloorIsInForce) {
  // kill -9 between the two.
  const std::string older = policy(1);
  write(plan_.policy_file, older);
  ASSERT_TRUE(files_.remember(policy(2)).has_value());
  EXPECT_EQ(files_.load_at_start(kToday, after(older)).policy->serial, 2U);
}

TEST_F(PolicyFilesTest, ACopyThatIsNotRightIsNotUsed) {
  const std::string good = policy(1);
  write(plan_.policy_file, good);
  std::string forged = policy(9);
  forged[forged.find("24")] = '1';
  for (const std::string& bad : {forged, std::string("x"), text(9, certified(9))}) {
    ASSERT_TRUE(files_.remember(bad).has_value());
    EXPECT_EQ(files_.load_at_start(kToday, after(good)).policy->serial, 1U);
  }
  // Under the floor.
  ASSERT_TRUE(files_.remember(policy(3)).has_value());
  const auto load = files_.load_at_start(kToday, after(policy(8), after(good)));
  EXPECT_EQ(load.policy, nullptr);
}

// --- at start, with nothing right: essential purposes

TEST_F(PolicyFilesTest, WhereTheCopyRottedTheSupersededFileServes) {
  write(plan_.policy_file, policy(1));
  ASSERT_TRUE(files_.remember("rotten").has_value());
  const PolicyFloors floors = after(policy(2));
  ASSERT_EQ(files_.load_at_start(kToday, floors).policy, nullptr);
  const PolicyInUse in_use = files_.fallback();
  EXPECT_TRUE(in_use.essential_only);
  EXPECT_EQ(in_use.policy->serial, 1U);
  // The copy comes first, and the file is held to the same signatures and ceiling.
  ASSERT_TRUE(files_.remember(policy(2)).has_value());
  EXPECT_EQ(files_.fallback().policy->serial, 2U);
  ASSERT_TRUE(files_.remember("rotten").has_value());
  write(plan_.policy_file, text(1, certified(1)));
  EXPECT_EQ(files_.fallback().policy->serial, 0U);
}

TEST_F(PolicyFilesTest, WithoutACeilingNoFileStandsInForTheCopy) {
  write(plan_.policy_file, text(1, certified(1)));
  plan_.ceiling_file.clear();
  EXPECT_EQ(files_.fallback().policy->serial, 0U);
  EXPECT_TRUE(files_.fallback().policy->purposes.empty());
}

TEST_F(PolicyFilesTest, AnUnsignedFileIsRefusedWhereTheImagePinsSigners) {
  write(plan_.policy_file, text(1, certified(1)));
  const auto load = files_.load(kToday, {});
  EXPECT_EQ(load.policy, nullptr);
  ASSERT_FALSE(load.diagnostics.empty());
  EXPECT_THAT(load.diagnostics.front().text(), HasSubstr("not signed"));
}

TEST_F(PolicyFilesTest, WithoutSignersAFileMayChangeUnderItsSerial) {
  write(plan_.ceiling_file, ceiling());
  const std::string first = text(5, certified(1));
  write(plan_.policy_file, first);
  const auto load = files_.load_at_start(kToday, {});
  ASSERT_NE(load.policy, nullptr);
  const PolicyFloors floors = floors_after({}, *load.policy, first);
  write(plan_.policy_file, text(5, certified(2)));
  EXPECT_NE(files_.load(kToday, floors).policy, nullptr);
}

TEST_F(PolicyFilesTest, SaysWhyAFileCannotFollow) {
  const std::string first = policy(5);
  PolicyFloors floors = after(first);
  write(plan_.policy_file, policy(5));
  EXPECT_THAT(files_.load(kToday, floors).diagnostics.back().text(), HasSubstr("another policy"));
  floors.certificates["p"] = 100;
  write(plan_.policy_file, policy(6));
  EXPECT_THAT(files_.load(kToday, floors).diagnostics.back().text(), HasSubstr("is older"));
}

TEST_F(PolicyFilesTest, ACopyThatCannotBeKeptIsAnError) {
  plan_.state_directory = (directory.path() / "nowhere").string();
  EXPECT_EQ(files_.remember("x").error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace sudare::pipeline_test
