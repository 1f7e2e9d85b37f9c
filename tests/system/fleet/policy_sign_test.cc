// `sudare policy sign|check|diff` and `sudare key certify|inspect`, as a release of a policy goes.
#include "tests/system/fleet/tool.h"
#include "tests/unit/fleet/small_policy.h"

namespace sudare::fleet_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PolicySigning : public ToolTest {
 protected:
  void SetUp() override {
    first_ = signer("first");
    second_ = signer("second");
    authority_ = signer("authority");
    recipient_ = key("traffic.key", "traffic");
    write("policy", text(1, "recipient: \"" + recipient_ + "\""));
    write("ceiling", "policy_signer: \"" + first_ + "\" policy_signer: \"" + second_ +
                         "\" policy_threshold: 2\n" + purpose());
  }
  std::string signer(const std::string& name) {
    auto made = sudare({"key", "new", "--signing", "-o", path(name)});
    EXPECT_EQ(made.status, 0) << made.errors;
    made.output.pop_back();
    return made.output;
  }
  [[nodiscard]] std::string purpose() const {
    return "purpose { name: \"traffic\" recipient: \"" + recipient_ + "\" recipient_authority: \"" +
           authority_ + "\" ceiling { } longest_pseudonym { none {} } keep_hours_max: 24 }\n";
  }
  static std::string text(int serial, const std::string& recipients, int keep_hours = 24) {
    return "language: 1 serial: " + std::to_string(serial) +
           " not_after: \"2099-12-31\"\npurpose { name: \"traffic\" " + recipients +
           " pseudonym { none {} } consent: OPT_IN ceiling { } linger_ms: 1000 batch_bytes_max: "
           "1024 keep_hours: " +
           std::to_string(keep_hours) + " }\n";
  }
  testkit::RunResult sign(const std::string& key, const std::string& policy = "policy") {
    return sudare({"policy", "sign", path(policy), "--key", path(key)});
  }
  testkit::RunResult check() {
    return sudare({"policy", "check", path("policy"), "--ceiling", path("ceiling")});
  }

  std::string first_;
  std::string second_;
  std::string authority_;
  std::string recipient_;
};

TEST_F(PolicySigning, CheckSaysWhatIsMissingUntilAllHaveSigned) {
  EXPECT_THAT(check().errors, HasSubstr("not signed by 2 of the 2 signers"));
  ASSERT_EQ(sign("first").status, 0);
  const auto one = check();
  EXPECT_EQ(one.status, 3);
  EXPECT_THAT(one.errors, HasSubstr("only 1 signature(s) count"));
  const auto two = sign("second");
  EXPECT_EQ(two.status, 0) << two.errors;
  EXPECT_THAT(two.output, HasSubstr("2 signatures"));
  EXPECT_EQ(check().status, 0) << check().errors;
  EXPECT_EQ(sudare({"policy", "explain", "--policy", path("policy"), "--help"}).status, 0);
}

TEST_F(PolicySigning, ToStandardOutputGoesThePolicyAloneAndNoFileIsWritten) {
  const std::string before = read("policy");
  const auto shown = sudare({"policy", "sign", path("policy"), "--key", path("first"), "-o", "-"});
  EXPECT_EQ(shown.status, 0) << shown.errors;
  EXPECT_THAT(shown.errors, HasSubstr("1 signature\n"));
  EXPECT_EQ(read("policy"), before);
  EXPECT_FALSE(std::filesystem::exists("-"));
  ASSERT_EQ(sign("first").status, 0);
  EXPECT_EQ(shown.output, read("policy"));
}

TEST_F(PolicySigning, OneSignerSignsOnce) {
  ASSERT_EQ(sign("first").status, 0);
  const std::string before = read("policy");
  const auto again = sign("first");
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.errors, HasSubstr("signed it already"));
  EXPECT_EQ(read("policy"), before);
}

// Standard input reads once: a second read is empty, and a signature of it would be of nothing.
TEST_F(PolicySigning, WhatWasCheckedIsSignedAndCompared) {
  const auto done =
      piped(read("policy"), {"policy", "sign", "-", "--key", path("first"), "-o", path("out")});
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_THAT(read("out"), StartsWith(read("policy") + "# sudare-signature: " + first_));
  EXPECT_EQ(piped(read("policy"), {"policy", "sign", "-", "--key", path("first")}).status, 2);
  const auto same =
      piped(text(2, "recipient: \"" + recipient_ + "\""), {"policy", "diff", path("policy"), "-"});
  EXPECT_EQ(same.output, "no difference in what is released\n") << same.errors;
}

TEST_F(PolicySigning, AKeyThatTheCeilingDoesNotAskForSignsNothingUnderIt) {
  const std::string before = read("policy");
  const auto refused = sudare(
      {"policy", "sign", path("policy"), "--key", path("authority"), "--ceiling", path("ceiling")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr(authority_ + " is no policy_signer of " + path("ceiling")));
  EXPECT_EQ(read("policy"), before);
  // A ceiling that asks for nobody leaves it open who signs.
  write("open", purpose());
  EXPECT_EQ(sudare({"policy", "sign", path("policy"), "--key", path("authority"), "--ceiling",
                    path("open")})
                .status,
            0);
}

TEST_F(PolicySigning, APolicyThatChangedAfterItWasSignedSaysWhichLinesToRemove) {
  ASSERT_EQ(sign("first").status, 0);
  const std::string changed = "# changed\n" + read("policy");
  write("policy", changed);
  for (const char* const key : {"first", "second"}) {
    const auto refused = sign(key);
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.errors,
                HasSubstr(path("policy") + ":4: a signature that is not of this text"));
    EXPECT_THAT(refused.errors, HasSubstr("remove this line"));
    EXPECT_THAT(refused.errors, Not(HasSubstr("each signer signs once")));
  }
  EXPECT_EQ(read("policy"), changed);
}

TEST_F(PolicySigning, WhatFailsTheCheckIsNotSigned) {
  write("bad", "language: 1 serial: 1\n");
  const auto refused = sign("first", "bad");
  EXPECT_EQ(refused.status, 3);
  EXPECT_EQ(read("bad"), "language: 1 serial: 1\n");
  // Also under the ceiling, which an unsigned policy meets but for its signatures.
  const auto good = sudare({"policy", "sign", path("policy"), "--key", path("first"), "--ceiling",
                            path("ceiling"), "-o", path("out"), "--json"});
  EXPECT_EQ(good.status, 0) << good.errors;
  EXPECT_EQ(lines(good.output).at(0)["signatures"], 1);
  EXPECT_THAT(read("policy"), Not(HasSubstr("sudare-signature")));
  EXPECT_THAT(read("out"), HasSubstr("# sudare-signature: " + first_));
}

TEST_F(PolicySigning, MissingAndWrongFilesAreSaid) {
  EXPECT_EQ(sign("nobody").status, 1);
  EXPECT_EQ(sign("traffic.key").status, 1);
  EXPECT_EQ(sign("first", "nothing").status, 1);
  write("damaged", read("policy") + "# sudare-signature: x\n");
  EXPECT_EQ(sign("first", "damaged").status, 3);
  EXPECT_EQ(sudare({"policy", "sign", path("policy")}).status, 2);
  EXPECT_EQ(
      sudare({"policy", "sign", path("policy"), "--key", path("first"), "-o", path("nowhere/out")})
          .status,
      1);
}

TEST_F(PolicySigning, APolicyTooLargeForTheAirIsWarnedOf) {
  write("large", text(1, "recipient: \"" + recipient_ + "\"") + "#" + std::string(300'000, 'x'));
  const auto large = sign("first", "large");
  EXPECT_EQ(large.status, 0);
  EXPECT_THAT(large.errors, HasSubstr("too large to be sent over the air"));
  write("huge",
        text(1, "recipient: \"" + recipient_ + "\"") + "#" + std::string(1024 * 1024 - 300, 'x'));
  EXPECT_EQ(sign("first", "huge").status, 1);
}

TEST_F(PolicySigning, DiffGroupsWhatIsMoreAndLess) {
  write("next", text(2, "recipient: \"" + recipient_ + "\"", 12));
  const auto less = sudare({"policy", "diff", path("policy"), path("next")});
  EXPECT_EQ(less.status, 0) << less.errors;
  EXPECT_EQ(less.output, "releases less:\n  purpose traffic: keep_hours 12, was 24\n");
  const auto more = sudare({"policy", "diff", path("next"), path("policy"), "--json"});
  EXPECT_EQ(more.status, 3) << more.errors;
  EXPECT_EQ(lines(more.output).at(0)["effect"], "more");
  write("same", text(2, "recipient: \"" + recipient_ + "\""));
  EXPECT_EQ(sudare({"policy", "diff", path("policy"), path("same")}).output,
            "no difference in what is released\n");
}

TEST_F(PolicySigning, DiffReadsSignedPoliciesAndRefusesBadOnes) {
  write("next", text(2, "recipient: \"" + recipient_ + "\"", 12));
  ASSERT_EQ(sign("first").status, 0);
  EXPECT_EQ(
      sudare({"policy", "diff", path("policy"), path("next"), "--ceiling", path("ceiling")}).status,
      0);
  write("bad", "language: 1\n");
  EXPECT_EQ(sudare({"policy", "diff", path("policy"), path("bad")}).status, 1);
  EXPECT_EQ(sudare({"policy", "diff", path("nothing"), path("policy")}).status, 1);
}

TEST_F(PolicySigning, ACertificateIsIssuedShownAndTaken) {
  const std::string next = key("next.key", "traffic");
  const auto made = sudare({"key", "certify", "--purpose", "traffic", "--recipient", next,
                            "--serial", "7", "--not-before", "2026-01-01", "--not-after",
                            "2098-12-31", "--key", path("authority")});
  ASSERT_EQ(made.status, 0) << made.errors;
  const std::string token = made.output.substr(0, made.output.size() - 1);
  const auto shown = sudare({"key", "inspect", token, "--json"});
  ASSERT_EQ(shown.status, 0) << shown.errors;
  const Json one = lines(shown.output).at(0);
  EXPECT_EQ(one["purpose"], "traffic");
  EXPECT_EQ(one["recipient"], next);
  EXPECT_EQ(one["serial"], 7);
  EXPECT_EQ(one["not_before"], "2026-01-01");
  EXPECT_EQ(one["not_after"], "2098-12-31");
  EXPECT_EQ(one["authority"], authority_);
  EXPECT_THAT(sudare({"key", "inspect", token}).output, HasSubstr("2026-01-01 to 2098-12-31"));
  write("rotated", text(2, "certificate: \"" + token + "\""));
  ASSERT_EQ(sign("first", "rotated").status, 0);
  ASSERT_EQ(sign("second", "rotated").status, 0);
  const auto checked = sudare({"policy", "check", path("rotated"), "--ceiling", path("ceiling")});
  EXPECT_EQ(checked.status, 0) << checked.errors;
  const auto diff = sudare({"policy", "diff", path("policy"), path("rotated")});
  EXPECT_THAT(diff.output, HasSubstr(next + " from 2026-01-01 to 2098-12-31, serial 7, is new"));
}

TEST_F(PolicySigning, CertifyRefusesWhatNoCarWouldTake) {
  const auto certify = [&](const std::string& purpose, const std::string& recipient,
                           const std::string& serial, const std::string& last,
                           const std::string& signing_key) {
    return sudare({"key", "certify", "--purpose", purpose, "--recipient", recipient, "--serial",
                   serial, "--not-before", "2026-01-02", "--not-after", last, "--key",
                   path(signing_key)})
        .status;
  };
  EXPECT_EQ(certify("traffic", recipient_, "1", "2026-01-02", "first"), 0);
  EXPECT_EQ(certify("Traffic", recipient_, "1", "2026-01-02", "first"), 2);
  EXPECT_EQ(certify("traffic", "age1x", "1", "2026-01-02", "first"), 2);
  EXPECT_EQ(certify("traffic", recipient_, "0", "2026-01-02", "first"), 2);
  EXPECT_EQ(certify("traffic", recipient_, "281474976710657", "2026-01-02", "first"), 2);
  EXPECT_EQ(certify("traffic", recipient_, "1", "2026-01-01", "first"), 2);
  EXPECT_EQ(certify("traffic", recipient_, "1", "soon", "first"), 2);
  EXPECT_EQ(certify("traffic", recipient_, "1", "2026-01-02", "nobody"), 1);
  EXPECT_EQ(sudare({"key", "inspect", "sudarecert1AAAA"}).status, 1);
}

}  // namespace
}  // namespace sudare::fleet_test
