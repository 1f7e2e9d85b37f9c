#include "sim/attack/world/seal_model.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/identity/epoch_chain.h"
#include "gateway/seal/batch_writer.h"
#include "tests/unit/attack_world/policies.h"

namespace sudare::sim::attack {
namespace {

constexpr std::int64_t kMidnightMs = 20'516 * kMsPerDay;

// One purpose of one car.
class SealModelTest : public testing::Test {
 protected:
  static Release::Content record(std::size_t bytes = 30) {
    Release::Content content;
    content.topic = "vehicle/position";
    content.time_ms = kMidnightMs;
    content.payload = std::string(bytes, 'x');
    return content;
  }
  void say(std::int64_t at_ms, std::size_t bytes = 30) {
    model_.advance(kMidnightMs + at_ms, true);
    model_.add(record(bytes), kMidnightMs + at_ms);
  }

  std::unique_ptr<const Policy> policy_ = policy();
  PurposePlan plan_ = policy_->purposes[kTraffic];
  SealModel model_{plan_, Random(1)};
};

TEST_F(SealModelTest, LingerClosesABatchAndItLeavesInTheNextBucket) {
  say(10'000);
  say(69'000);
  say(70'000);
  ASSERT_EQ(model_.sent().size(), 1U);
  const SentBatch& batch = model_.sent()[0];
  EXPECT_EQ(batch.count, 2U);
  // Closed at 70 s, in the second minute: sent in the third.
  EXPECT_GE(batch.arrival_ms, kMidnightMs + 120'000);
  EXPECT_LT(batch.arrival_ms, kMidnightMs + 180'000);
}

TEST_F(SealModelTest, ABatchThatIsFullClosesAndTheNextBeginsWithTheRecordThatDidNotFit) {
  for (int i = 0; i < 5; ++i) say(i, 1000);
  model_.close_all(kMidnightMs + 10);
  ASSERT_EQ(model_.sent().size(), 2U);
  EXPECT_EQ(model_.sent()[0].count, 3U);
  EXPECT_EQ(model_.sent()[1].first, 3U);
  EXPECT_EQ(model_.sent()[1].count, 2U);
}

TEST_F(SealModelTest, AnEpochEndsWhenTheCarIsParkedNeverWhileItDrives) {
  plan_ = policy_->purposes[kWeekly];
  plan_.rotate_days = 1;
  SealModel model(plan_, Random(1));
  const auto at = [&](std::int64_t ms, bool driven) {
    model.advance(kMidnightMs + ms, driven);
    model.add(record(), kMidnightMs + ms);
  };
  at(-1000, true);
  at(1000, true);
  at(2000, false);
  model.close_all(kMidnightMs + 3000);
  ASSERT_EQ(model.sent().size(), 2U);
  EXPECT_EQ(model.sent()[0].count, 2U);
  EXPECT_EQ(model.sent()[0].epoch + 1, model.sent()[1].epoch);
}

TEST_F(SealModelTest, AnEpochWithoutAnOpenBatchEndsWithAnEmptyOne) {
  plan_ = policy_->purposes[kWeekly];
  plan_.rotate_days = 1;
  SealModel model(plan_, Random(1));
  model.advance(kMidnightMs - kMsPerDay, true);
  model.add(record(), kMidnightMs - kMsPerDay);
  model.advance(kMidnightMs + 1000, false);
  model.advance(kMidnightMs + kMsPerDay, false);
  ASSERT_EQ(model.sent().size(), 2U);
  EXPECT_EQ(model.sent()[1].count, 0U);
}

TEST_F(SealModelTest, WhatIsUrgentLeavesAtOnce) {
  plan_.linger_ms = 0;
  plan_.bucket_ms = 0;
  plan_.essential = true;
  SealModel model(plan_, Random(1));
  model.advance(kMidnightMs, true);
  model.add(record(), kMidnightMs);
  ASSERT_EQ(model.sent().size(), 1U);
  EXPECT_EQ(model.sent()[0].arrival_ms, kMidnightMs);
}

// What gateway/seal makes of the same records.
std::size_t real_bytes(const PurposePlan& purpose, const RecordBuffer& records) {
  EXPECT_TRUE(crypto_init());
  RootKey root;
  random_bytes(root.bytes());
  const auto chain = chain_start(root, 7);
  EXPECT_TRUE(chain);
  const auto key = epoch_key(*chain, purpose.name, 7, 2930);
  EXPECT_TRUE(key);
  BatchPart part;
  part.records = &records;
  part.range = {10'000, records.count()};
  part.key = purpose.pseudonym == PseudonymKind::kNone ? nullptr : &*key;
  part.epoch = 2930;
  BatchWriter writer;
  const auto file = writer.write(purpose, part);
  EXPECT_TRUE(file);
  return file ? file->size() : 0;
}

TEST_F(SealModelTest, SizesAreThoseOfTheRealSeal) {
  for (const PurposeIndex purpose : {kTraffic, kWeekly}) {
    RecordBuffer records;
    Random random(3);
    for (int i = 0; i < 60; ++i) {
      Release::Content content = record();
      for (char& byte : content.payload) byte = static_cast<char>(random.bits());
      records.append(content);
      const double real = static_cast<double>(real_bytes(policy_->purposes[purpose], records));
      // Random ids may push zstd's result over an edge of the padding.
      EXPECT_NEAR(sealed_batch_bytes(policy_->purposes[purpose], records) / real, 1, 0.07) << i;
    }
  }
}

TEST_F(SealModelTest, BatchesWithoutPseudonymHaveOneSize) {
  RecordBuffer one;
  one.append(record());
  RecordBuffer many;
  for (int i = 0; i < 50; ++i) many.append(record());
  EXPECT_EQ(sealed_batch_bytes(plan_, one), sealed_batch_bytes(plan_, many));
  EXPECT_EQ(sealed_batch_bytes(plan_, one), real_bytes(plan_, one));
}

}  // namespace
}  // namespace sudare::sim::attack
