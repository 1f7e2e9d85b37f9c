#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

const char* const kServiceDelivery = "linger_ms: 900000 batch_bytes_max: 16384 keep_hours: 72\n";

// The good purposes with one thing changed.
std::string changed(const std::string& from, const std::string& to) {
  return replaced(purposes(), from, to);
}

TEST(PolicyPurposesTest, TheGoodOnesAreAccepted) { expect_accepted(purposes()); }

TEST(PolicyPurposesTest, TheHeaderIsChecked) {
  expect_refused(changed("language: 1", "language: ^2"), "unknown version");
  expect_refused(changed("serial: 1", "serial: ^0"), "without serial");
  expect_refused(changed("\"2030-12-31\"", "^\"2030-02-29\""), "not_after is no day");
  expect_refused(changed("serial: 1", "serial: ^281474976710657"), "serial is too large");
  EXPECT_NE(load(changed("serial: 1", "serial: 281474976710656")).policy, nullptr);
  expect_refused(changed("serial: 1", "serial: 1 not_before: ^\"1/1/26\""), "not_before is no day");
  expect_refused(changed("not_after: ", "not_before: \"2031-01-01\" not_after: ^"),
                 "ends before it begins");
  expect_accepted(changed("\"2030-12-31\"", "\"2028-02-29\""));
}

TEST(PolicyPurposesTest, DaysAreUnixDays) {
  const PolicyLoad result = load(changed("serial: 1", "serial: 7 not_before: \"2026-11-22\""));
  ASSERT_NE(result.policy, nullptr);
  EXPECT_EQ(result.policy->serial, 7U);
  EXPECT_EQ(result.policy->not_before_day, 20779);
  EXPECT_EQ(result.policy->not_after_day, 22279);
}

TEST(PolicyPurposesTest, AnExpiredPolicyIsAFinding) {
  const Diagnostics late = check_expiry("p", purposes(), 22280);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].severity(), DiagnosticSeverity::kError);
  EXPECT_EQ(late[0].line(), 1);
  EXPECT_EQ(late[0].column(), 34);
  EXPECT_TRUE(check_expiry("p", purposes(), 22279).empty());
  const std::string later = changed("serial: 1", "serial: 1 not_before: \"2026-11-22\"");
  EXPECT_EQ(check_expiry("p", later, 20778).at(0).severity(), DiagnosticSeverity::kWarning);
}

TEST(PolicyPurposesTest, NamesAreChecked) {
  expect_refused(changed("\"service\"", "^\"Service\""), "needs a name of its own");
  expect_refused(changed("\"service\"", "^\"\""), "needs a name of its own");
  expect_refused(changed("\"service\"", "^\"" + std::string(33, 'a') + "\""), "needs a name");
  expect_refused(changed("\"anonymous\"", "^\"service\""), "declared twice");
  expect_accepted(changed("\"service\"", "\"" + std::string(31, 'a') + "-\""));
}

TEST(PolicyPurposesTest, APurposeWithoutRecipientIsRefused) {
  expect_refused(replaced(changed("recipient: \"" + recipient(1) + "\"", ""),
                          "purpose {\n  name: \"service\"", "^purpose {\n  name: \"service\""),
                 "has no recipient");
}

TEST(PolicyPurposesTest, RecipientsMustBePublicKeys) {
  expect_refused(changed("\"" + recipient(1) + "\"", "^\"age1xyz\""), "no age public key");
  expect_refused(changed("\"" + recipient(1) + "\"", "^\"${SERVICE_RECIPIENT}\""), "placeholder");
  expect_refused(changed("\"" + recipient(1) + "\"", "^\"AGE-SECRET-KEY-1X\""), "private key");
  expect_refused(changed("\"" + recipient(1) + "\"",
                         "\"" + recipient(1) + "\" recipient: ^\"" + recipient(1) + "\""),
                 "named twice");
  expect_accepted(changed("\"" + recipient(1) + "\"",
                          "\"" + recipient(1) + "\" recipient: \"" + recipient(9) + "\""));
}

TEST(PolicyPurposesTest, TooManyRecipientsAreRefused) {
  std::string list;
  for (int i = 20; i < 28; ++i) list += " recipient: \"" + recipient(i) + "\"";
  const std::string many = changed("\"" + recipient(1) + "\"", "\"" + recipient(1) + "\"" + list);
  expect_refused(
      replaced(many, "purpose {\n  name: \"service\"", "^purpose {\n  name: \"service\""),
      "too many recipients");
}

// The service purpose marked, with one thing changed.
std::string marked(const std::string& from, const std::string& to) {
  return replaced(changed(from, to), "purpose {\n  name: \"service\"",
                  "^purpose {\n  name: \"service\"");
}

TEST(PolicyPurposesTest, PseudonymAndConsentMustBeWritten) {
  expect_refused(marked("pseudonym { rotate_days: 28 } consent: OPT_IN", "consent: OPT_IN"),
                 "says nothing about its pseudonym");
  expect_refused(
      marked("pseudonym { rotate_days: 28 } consent: OPT_IN", "pseudonym { rotate_days: 28 }"),
      "says nothing about consent");
}

TEST(PolicyPurposesTest, RotationsAreThoseThatVehiclesHaveChainsFor) {
  for (const char* days : {"0", "2", "30", "365", "70000"}) {
    expect_refused(changed("rotate_days: 28", std::string("rotate_days: ^") + days),
                   "no such rotation");
  }
  for (const char* days : {"1", "7", "91", "364"}) {
    expect_accepted(changed("rotate_days: 28", std::string("rotate_days: ") + days));
  }
}

TEST(PolicyPurposesTest, DeliveryLimitsAreChecked) {
  const auto with = [](const std::string& text) { return changed(kServiceDelivery, text + "\n"); };
  const std::string linger = "linger_ms: 900000 ";
  const std::string size = "batch_bytes_max: 16384 ";
  expect_refused(with("linger_ms: ^0 " + size + "keep_hours: 72"), "linger_ms is out of range");
  expect_refused(with("linger_ms: ^86400001 " + size + "keep_hours: 72"), "linger_ms is out");
  expect_refused(with(linger + "batch_bytes_max: ^1023 keep_hours: 72"), "batch_bytes_max is out");
  expect_refused(with(linger + "batch_bytes_max: ^1048577 keep_hours: 72"), "batch_bytes_max is");
  expect_refused(with(linger + size + "keep_hours: ^0"), "keep_hours is out of range");
  expect_refused(with(linger + size + "keep_hours: ^8785"), "keep_hours is out of range");
  expect_refused(with(linger + size + "keep_hours: 72 priority: ^10"), "priority is out of range");
  expect_accepted(
      with("linger_ms: 86400000 batch_bytes_max: 1048576 keep_hours: 8784 priority: 9"));
  expect_accepted(with("linger_ms: 1 batch_bytes_max: 1024 keep_hours: 1 priority: 0"));
}

TEST(PolicyPurposesTest, AnEssentialPurposeDoesNotLinger) {
  expect_refused(changed("batch_bytes_max: 16384 keep_hours: 24 priority: 9",
                         "linger_ms: ^1 batch_bytes_max: 16384 keep_hours: 24"),
                 "waits for nothing");
}

TEST(PolicyPurposesTest, OnlyTheTrustedMayHaveAnExactCeiling) {
  expect_refused(changed("ceiling { cell: M1000 allow: VIN }", "ceiling { cell: ^EXACT }"),
                 "exact positions for purpose \"anonymous\"");
  expect_accepted(changed("ceiling { cell: M1000 allow: VIN }", "ceiling { cell: M125 }"));
}

TEST(PolicyPurposesTest, MailAndSecretsCanBeAllowedToNobody) {
  expect_refused(changed("allow: [VIN, PHONE]", "allow: [VIN, ^EMAIL]"), "EMAIL can't be allowed");
  expect_refused(changed("allow: [VIN, PHONE]", "allow: ^SECRET"), "SECRET can't be allowed");
}

TEST(PolicyPurposesTest, PlansCarryWhatWasWritten) {
  const PolicyLoad result = load(purposes());
  ASSERT_NE(result.policy, nullptr);
  ASSERT_EQ(result.policy->purposes.size(), 4U);
  const PurposePlan& service = result.policy->purposes[0];
  EXPECT_EQ(service.recipients.at(0).to_string(), recipient(1));
  EXPECT_EQ(service.pseudonym, PseudonymKind::kRotate);
  EXPECT_EQ(service.rotate_days, 28);
  EXPECT_EQ(service.linger_ms, 900000U);
  EXPECT_EQ(result.policy->purposes[1].pseudonym, PseudonymKind::kNone);
  EXPECT_EQ(result.policy->purposes[2].pseudonym, PseudonymKind::kUntilTransfer);
  EXPECT_EQ(result.policy->purposes[2].audience, v1::Purpose::OWNER);
  EXPECT_TRUE(result.policy->purposes[3].essential);
}

TEST(PolicyPurposesTest, ThereAreLimitsAndSomethingToDo) {
  EXPECT_EQ(load("language: 1 serial: 1 not_after: \"2030-01-01\"").policy, nullptr);
  std::string many = purposes();
  for (int i = 0; i < 65; ++i) many += "purpose { name: \"p" + std::to_string(i) + "\" }\n";
  EXPECT_THAT(printed(load(many).diagnostics), testing::HasSubstr("too many purposes"));
  std::string sources = purposes();
  for (int i = 0; i < 257; ++i) sources += "source { topic: \"t" + std::to_string(i) + "\" }\n";
  EXPECT_THAT(printed(load(sources).diagnostics), testing::HasSubstr("too many sources"));
}

}  // namespace
}  // namespace sudare::policy_test
