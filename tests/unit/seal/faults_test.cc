// What can't be read, or can't be sealed: an error that says so, nothing half done, and the rest
// goes on.
#include <gmock/gmock.h>

#include <limits>

#include "base/limits.h"
#include "gateway/clips/reveal.h"
#include "gateway/seal/batch_writer.h"
#include "tests/unit/seal/broken_store.h"
#include "tests/unit/seal/car.h"

namespace sudare::seal_test {
namespace {

class SealFaults : public testing::Test {
 protected:
  // From here on the sealer asks `broken_`.
  void use_broken_store() {
    auto sealer = Sealer::create(car_.policy, *car_.epochs, broken_, car_.clock);
    ASSERT_TRUE(sealer);
    car_.sealer = std::move(*sealer);
  }
  ClipPiece piece(std::size_t bytes) {
    ClipPiece made(ClipStage::passkey(), kRepair);
    ClipPiece::Content& content = made.refill(ClipStage::passkey(), ClipStage::key());
    content.data.assign(bytes, 'x');
    content.manifest.emplace();
    return made;
  }
  void next_day() {
    car_.clock.advance_ms(kMsPerDay);
    car_.confirm_time();
  }
  void expect_io_error_of_plan() {
    broken_.fail_in(1);
    const auto plan = car_.sealer->plan(true);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::kIo);
  }

  Car car_;
  BrokenStore broken_{*car_.store};
};

TEST_F(SealFaults, WhatCannotBeReadAtAStartIsAnError) {
  for (int question = 1; question <= 1 + static_cast<int>(kRotationDays.size()) + 1; ++question) {
    broken_.fail_in(question);
    const auto epochs = Epochs::load(broken_, *car_.time, car_.policy);
    ASSERT_FALSE(epochs) << question;
    EXPECT_EQ(epochs.error().code, ErrorCode::kIo);
  }
  broken_.fail_in(1);
  EXPECT_EQ(TrustedTime::load(broken_, car_.clock, kBuildDay).error().code, ErrorCode::kIo);
  broken_.fail_in(1);
  EXPECT_EQ(Sealer::create(car_.policy, *car_.epochs, broken_, car_.clock).error().code,
            ErrorCode::kIo);
}

TEST_F(SealFaults, MissingRangesThatCannotBeReadPutTheBatchOffAndLoseNothing) {
  use_broken_store();
  car_.add(kDriving, "1");
  expect_io_error_of_plan();
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].payloads(), std::vector<std::string>{"1"});
}

TEST_F(SealFaults, AnEndThatCannotBeToldNowIsToldLater) {
  use_broken_store();
  car_.add(kDriving, "1");
  car_.commit(true);
  next_day();
  const Pseudonym before = car_.epochs->key(kDriving)->pseudonym;
  expect_io_error_of_plan();
  EXPECT_EQ(car_.epochs->key(kDriving)->pseudonym, before);
  const std::vector<Opened> rows = car_.commit();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].batch.end_of_epoch());
  EXPECT_EQ(rows[0].batch.pseudonym(), text_of(before));
}

TEST_F(SealFaults, AClipsLastPieceNeedsWhatIsMissing) {
  use_broken_store();
  broken_.fail_in(1);
  EXPECT_EQ(car_.sealer->seal_piece(piece(100)).error().code, ErrorCode::kIo);
  EXPECT_TRUE(car_.sealer->seal_piece(piece(100)));
}

TEST_F(SealFaults, ABatchReportsNoMoreRangesThanItHasRoomFor) {
  use_broken_store();
  broken_.set_missing(std::vector<MissingRecords>(kReportedRangesMax + 1));
  car_.add(kDriving, "1");
  const SealPlan plan = car_.plan(true);
  EXPECT_EQ(plan.reported.size(), kReportedRangesMax);
  ASSERT_EQ(plan.add.size(), 1U);
  EXPECT_EQ(car_.open(plan.add[0]).batch.missing_size(), static_cast<int>(kReportedRangesMax));
}

TEST_F(SealFaults, ARecordThatNoBatchHoldsIsGivenUpAndTheOthersGoOn) {
  car_.add(kDriving, std::string(kBatchBytesMax + 1, 'x'));
  car_.add(kRepair, "1");
  const auto plan = car_.sealer->plan(true);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(plan.error().detail, kDriving);
  EXPECT_EQ(car_.sealer->give_up(kDriving), 1U);
  car_.uncommitted.erase(kDriving);
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].batch.purpose(), "repair");
}

TEST_F(SealFaults, APieceThatNoBatchHoldsIsRefused) {
  const auto plan = car_.sealer->seal_piece(piece(kBatchBytesMax + 1));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kTooLarge);
}

TEST_F(SealFaults, MoreRecipientsThanAFileHasSealNothing) {
  auto& recipients = car_.policy.purposes[kDriving].recipients;
  recipients.resize(kRecipientsMax + 1, recipients.front());
  car_.add(kDriving, "1");
  const auto plan = car_.sealer->plan(true);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kTooLarge);
}

// No policy has one; fail closed all the same.
TEST_F(SealFaults, APurposeWithoutANameHasNoKeyAndIsNotSealed) {
  car_.policy.purposes[kDriving].name.clear();
  car_.epochs->use_policy(car_.policy);
  car_.sealer->use_policy(car_.policy);
  EXPECT_EQ(car_.epochs->key(kDriving), nullptr);
  EXPECT_EQ(car_.epochs->field_key(kDriving), nullptr);
  EXPECT_FALSE(car_.sealer->can_seal(kDriving));
  EXPECT_TRUE(car_.sealer->can_seal(kRepair));
  EXPECT_TRUE(car_.sealer->can_seal(kTraffic)) << "it needs no key";
  car_.add(kDriving, "1");
  EXPECT_EQ(car_.sealer->plan(true).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace sudare::seal_test
