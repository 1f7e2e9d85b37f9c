// What a recipient refuses to take for a car's batch.
#include "fleet/open/open_batch.h"

#include <gmock/gmock.h>

#include "tests/unit/fleet/forged_batch.h"

namespace sudare::fleet_test {
namespace {

class OpenBatchTest : public testing::Test {
 protected:
  Result<VerifiedBatch> open(const std::string& file,
                             std::string_view purpose = Forge::kPurpose) const {
    return open_batch(forge_.identities(), purpose, Unsigned::kTaken, bytes_of(file));
  }
  void expect_refused(const std::string& file, ErrorCode code, const std::string& what) const {
    const auto opened = open(file);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code);
    EXPECT_THAT(std::string(opened.error().what.view()), testing::HasSubstr(what));
  }
  // A signed batch that `change` has altered before it was signed.
  template <class Change>
  std::string changed(const Change& change) const {
    v1::Batch batch = forge_.signed_batch(0, 2);
    change(batch);
    return forge_.sealed(batch);
  }

  Forge forge_;
};

TEST_F(OpenBatchTest, TakesWhatACarMakes) {
  const auto opened = open(forge_.sealed(forge_.signed_batch(7, 3)));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->verified, Verified::kSelf);
  EXPECT_EQ(opened->batch.records_size(), 3);
  EXPECT_EQ(opened->batch.first_record(), 7U);
}

TEST_F(OpenBatchTest, BatchWithoutPseudonymIsVerifiedAsNone) {
  Forge::Options options;
  options.sign = false;
  const auto opened = open(forge_.sealed(forge_.unsigned_batch(3), options));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->verified, Verified::kNone);
}

TEST_F(OpenBatchTest, RefusesAnUnsignedBatchWhereAPseudonymIsDue) {
  Forge::Options options;
  options.sign = false;
  const std::string file = forge_.sealed(forge_.unsigned_batch(3), options);
  const auto opened =
      open_batch(forge_.identities(), Forge::kPurpose, Unsigned::kRefused, bytes_of(file));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kAuthentication);
}

TEST_F(OpenBatchTest, AnotherKeyOpensNothing) {
  const std::string file = forge_.sealed(forge_.signed_batch(0, 1));
  const Forge other;
  const auto opened =
      open_batch(other.identities(), Forge::kPurpose, Unsigned::kTaken, bytes_of(file));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNoMatch);
}

TEST_F(OpenBatchTest, RefusesABatchSignedForAnotherPurpose) {
  Forge::Options options;
  options.signed_purpose = "traffic";
  expect_refused(forge_.sealed(forge_.signed_batch(0, 1), options), ErrorCode::kAuthentication, "");
}

TEST_F(OpenBatchTest, RefusesAnotherPurposeInside) {
  expect_refused(changed([](v1::Batch& batch) { batch.set_purpose("traffic"); }),
                 ErrorCode::kRefused, "another purpose");
}

TEST_F(OpenBatchTest, RefusesAForgedSignature) {
  Forge::Options options;
  options.break_signature = true;
  expect_refused(forge_.sealed(forge_.signed_batch(0, 1), options), ErrorCode::kAuthentication, "");
}

TEST_F(OpenBatchTest, RefusesAnotherCarsPseudonym) {
  const Forge other;
  const std::string stolen(text_of(other.key().pseudonym));
  expect_refused(changed([&](v1::Batch& batch) { batch.set_pseudonym(stolen); }),
                 ErrorCode::kAuthentication, "not its key's");
}

TEST_F(OpenBatchTest, RefusesAnotherEpochUnderThePseudonym) {
  expect_refused(changed([](v1::Batch& batch) { batch.set_epoch(701); }),
                 ErrorCode::kAuthentication, "not its key's");
}

TEST_F(OpenBatchTest, RefusesAPseudonymWithoutSignature) {
  Forge::Options options;
  options.sign = false;
  v1::Batch batch = forge_.unsigned_batch(1);
  batch.set_pseudonym(std::string(16, 'p'));
  expect_refused(forge_.sealed(batch, options), ErrorCode::kAuthentication, "not signed");
}

TEST_F(OpenBatchTest, RefusesMoreStanzasThanTheCarSealedTo) {
  Forge::Options options;
  options.recipients = 2;
  expect_refused(forge_.sealed(forge_.signed_batch(0, 1), options), ErrorCode::kRefused,
                 "number of recipients");
}

TEST_F(OpenBatchTest, RefusesABatchThatNamesOtherRecipients) {
  expect_refused(
      changed([](v1::Batch& batch) { batch.set_recipient_key_ids(0, std::string(8, 'k')); }),
      ErrorCode::kRefused, "not sealed to this recipient");
}

TEST_F(OpenBatchTest, RefusesCountsThatDoNotFit) {
  expect_refused(changed([](v1::Batch& batch) { batch.set_record_count(3); }),
                 ErrorCode::kMalformed, "record count");
  expect_refused(changed([](v1::Batch& batch) { batch.set_first_record(~std::uint64_t{0}); }),
                 ErrorCode::kMalformed, "record count");
}

TEST_F(OpenBatchTest, RefusesAShortBatchId) {
  expect_refused(changed([](v1::Batch& batch) { batch.set_batch_id("short"); }),
                 ErrorCode::kMalformed, "batch_id");
}

TEST_F(OpenBatchTest, NoByteOfAFileCanBeChanged) {
  const std::string file = forge_.sealed(forge_.signed_batch(0, 1));
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open(changed)) << "byte " << i;
  }
}

}  // namespace
}  // namespace sudare::fleet_test
