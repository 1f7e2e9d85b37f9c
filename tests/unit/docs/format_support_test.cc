// The support policy for formats (docs/operations.md): what was written by a version stays
// readable. tests/unit/docs/formats holds files as they were written then.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "crypto/identity/signed_batch.h"
#include "fleet/open/open_batch.h"
#include "fleet/open/record_lines.h"
#include "gateway/config/load_config.h"
#include "gateway/policy/load.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/fleet/forged_batch.h"

namespace sudare {
namespace {

using testing::HasSubstr;

std::string written(const std::string& name) {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  return testkit::read_file(std::filesystem::path(source == nullptr ? "." : source) /
                            "tests/unit/docs/formats" / name);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string all(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& one : diagnostics) text += one.to_string();
  return text;
}

PolicyLoad load(const std::string& text) {
  const std::string recipient = fleet_test::Forge().identities().front().recipient().to_string();
  const SchemaSet schemas;
  return load_policy("policy.textproto", replaced(text, "RECIPIENT", recipient), schemas, nullptr);
}

TEST(FormatSupport, AnUnknownFieldNamesItsLine) {
  const ConfigLoad load =
      load_config("gateway.textproto", "state_directory: \"x\"\nof_a_later_version: 1\n");
  EXPECT_FALSE(load.plan);
  EXPECT_THAT(all(load.diagnostics), HasSubstr("gateway.textproto:2:"));
}

TEST(FormatSupport, AConfigurationOfThisVersionStaysReadable) {
  const ConfigLoad load =
      load_config("/etc/sudare/gateway.textproto", written("1/gateway.textproto"));
  ASSERT_TRUE(load.plan) << all(load.diagnostics);
  EXPECT_EQ(all(load.diagnostics), "");
  EXPECT_EQ(load.plan->state_directory, "/var/lib/sudare");
  EXPECT_EQ(load.plan->receipts.size(), 1U);
  EXPECT_TRUE(load.plan->clips);
}

TEST(FormatSupport, APolicyOfAnotherLanguageIsRefused) {
  const PolicyLoad other =
      load(replaced(written("1/policy.textproto"), "language: 1", "language: 2"));
  EXPECT_FALSE(other.policy);
  EXPECT_THAT(all(other.diagnostics), HasSubstr("policy.textproto:2:"));
}

TEST(FormatSupport, APolicyOfThisVersionStaysReadable) {
  const PolicyLoad policy = load(written("1/policy.textproto"));
  ASSERT_TRUE(policy.policy) << all(policy.diagnostics);
  EXPECT_EQ(policy.policy->serial, 3U);
}

TEST(FormatSupport, ABatchOfAnotherVersionIsRefused) {
  std::string plaintext("\x08\x02\x12\x00", 4);
  const auto read = read_signed_batch(bytes_of(plaintext));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnsupported);
}

TEST(FormatSupport, ABatchWithMoreFieldsIsOpened) {
  const fleet_test::Forge forge;
  v1::Batch batch = forge.signed_batch(0, 2);
  constexpr int kLaterField = 200;
  batch.GetReflection()->MutableUnknownFields(&batch)->AddVarint(kLaterField, 1);
  batch.mutable_records(0)
      ->GetReflection()
      ->MutableUnknownFields(batch.mutable_records(0))
      ->AddLengthDelimited(kLaterField, "later");
  const auto opened = open_batch(forge.identities(), fleet_test::Forge::kPurpose,
                                 Unsigned::kRefused, bytes_of(forge.sealed(batch)));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->batch.records_size(), 2);
}

TEST(FormatSupport, LinesOfThisVersionStayAsTheyWere) {
  VerifiedBatch verified;
  verified.verified = Verified::kSelf;
  verified.batch.set_purpose("traffic");
  verified.batch.set_pseudonym(std::string(16, '\x1f'));
  verified.batch.set_batch_id(std::string(16, '\x2e'));
  verified.batch.set_first_record(41);
  for (const v1::Record::Codec codec : {v1::Record::JSON, v1::Record::PROTOBUF}) {
    v1::Record& record = *verified.batch.add_records();
    record.set_topic("vehicle/road");
    record.set_time_ms(1'700'000'000'000);
    record.set_codec(codec);
    record.set_payload("{\"n\":1}");
  }
  std::string lines;
  append_record_lines(verified, lines);
  EXPECT_EQ(lines, written("1/open.ndjson"));
}

}  // namespace
}  // namespace sudare
