// Pieces of clips: sealed one by one, numbered as if the clip had been there at once.
#include "gateway/clips/reveal.h"
#include "tests/unit/seal/car.h"

namespace sudare::seal_test {
namespace {

class SealPiece : public ::testing::Test {
 protected:
  SealPiece() {
    for (PurposePlan& purpose : car.policy.purposes) purpose.batch_bytes_max = 270'336;
  }
  ClipPiece piece(std::uint32_t index, bool last = false, PurposeIndex purpose = kRepair) {
    ClipPiece made(ClipStage::passkey(), purpose);
    ClipPiece::Content& content = made.refill(ClipStage::passkey(), ClipStage::key());
    content.clip_id.fill(7);
    content.index = index;
    content.offset = std::uint64_t{index} * 65'536;
    content.data.assign(65'536, static_cast<char>('a' + index));
    if (last) {
      content.manifest.emplace();
      content.manifest->set_chunk_count(index + 1);
    }
    return made;
  }
  SealPlan seal(const ClipPiece& piece) {
    auto plan = car.sealer->seal_piece(piece);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().what.view());
    return plan ? std::move(*plan) : SealPlan{};
  }
  // As gateway/clips does it.
  Opened store(const ClipPiece& piece, bool last, std::uint32_t pieces) {
    SealPlan plan = seal(piece);
    const Opened opened = car.open(plan.add.at(0));
    CommitGroup group;
    group.add = std::move(plan.add);
    group.reported = plan.reported;
    group.state = plan.state;
    group.release_held = last;
    if (last) group.account.take("repair", Fate::kQueued, Reason::kNone, pieces);
    EXPECT_TRUE(car.store->commit(group));
    if (last) car.sealer->clip_committed(piece.purpose(), pieces);
    return opened;
  }

  Car car;
};

TEST_F(SealPiece, IsABatchWithAChunk) {
  const Opened opened = car.open(seal(piece(2)).add.at(0));
  EXPECT_TRUE(opened.meta.held);
  EXPECT_TRUE(opened.signed_by.has_value());
  EXPECT_EQ(opened.batch.records_size(), 0);
  ASSERT_EQ(opened.batch.chunks_size(), 1);
  const v1::ClipChunk& chunk = opened.batch.chunks(0);
  EXPECT_EQ(chunk.clip_id(), std::string(16, '\7'));
  EXPECT_EQ(chunk.index(), 2U);
  EXPECT_EQ(chunk.offset(), 131'072U);
  EXPECT_EQ(chunk.data(), std::string(65'536, 'c'));
  EXPECT_FALSE(chunk.has_manifest());
  EXPECT_EQ(opened.batch.record_count(), 1U);
}

TEST_F(SealPiece, ThePurposesBatchesGoOnWithItsNumbers) {
  car.add(kRepair, "{}");
  ASSERT_EQ(car.commit(true).at(0).batch.first_record(), 0U);
  EXPECT_EQ(store(piece(0), false, 0).batch.first_record(), 1U);
  EXPECT_EQ(store(piece(1, true), true, 2).batch.first_record(), 2U);
  car.add(kRepair, "{}");
  EXPECT_EQ(car.commit(true).at(0).batch.first_record(), 3U);
  car.reboot();
  car.add(kRepair, "{}");
  EXPECT_EQ(car.commit(true).at(0).batch.first_record(), 4U);
}

TEST_F(SealPiece, AClipThatStartsAnewUsesTheSameNumbers) {
  EXPECT_EQ(store(piece(0), false, 0).batch.first_record(), 0U);
  EXPECT_EQ(store(piece(1), false, 0).batch.first_record(), 1U);
  car.reboot();
  EXPECT_EQ(store(piece(0), false, 0).batch.first_record(), 0U);
}

TEST_F(SealPiece, OnlyTheLastReportsWhatIsMissing) {
  car.add(kRepair, "{}");
  (void)car.commit(true);
  CommitGroup damage;
  damage.damaged = {car.store->next_row_id() - 1};
  ASSERT_TRUE(car.store->commit(damage));
  EXPECT_EQ(store(piece(0), false, 0).batch.missing_size(), 0);
  EXPECT_EQ(store(piece(1, true), true, 2).batch.missing_size(), 1);
  EXPECT_TRUE(car.store->missing("repair", 1, car.epochs->epoch(kRepair))->empty());
}

TEST_F(SealPiece, WithoutPseudonymThereIsNoNumberAndOneSize) {
  const Opened first = car.open(seal(piece(0, false, kTraffic)).add.at(0));
  EXPECT_FALSE(first.signed_by.has_value());
  EXPECT_EQ(first.batch.record_count(), 0U);
  EXPECT_EQ(first.plaintext_bytes, 270'336U);
}

TEST_F(SealPiece, AnotherEpochIsAnotherClip) {
  const auto before = car.sealer->piece_epoch(kRepair);
  EXPECT_EQ(before, car.sealer->piece_epoch(kRepair));
  car.clock.advance_ms(kMsPerDay);
  car.confirm_time();
  (void)car.commit();
  EXPECT_FALSE(before == car.sealer->piece_epoch(kRepair));
}

TEST_F(SealPiece, AnotherOwnerIsAnotherClip) {
  const auto before = car.sealer->piece_epoch(kRepair);
  car.provision();
  car.reboot();
  EXPECT_EQ(before.epoch, car.sealer->piece_epoch(kRepair).epoch);
  EXPECT_FALSE(before == car.sealer->piece_epoch(kRepair));
}

}  // namespace
}  // namespace sudare::seal_test
