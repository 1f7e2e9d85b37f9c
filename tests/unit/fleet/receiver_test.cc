// Duplicates, gaps and forks.
#include "fleet/open/receiver.h"

#include <gmock/gmock.h>

namespace sudare {
namespace {

class ReceiverTest : public testing::Test {
 protected:
  VerifiedBatch batch(std::uint64_t first, int records, char sender = 'a') {
    VerifiedBatch made;
    made.verified = Verified::kSelf;
    made.batch.set_batch_id("batch " + std::to_string(next_id_++));
    made.batch.set_pseudonym(std::string(16, sender));
    made.batch.set_first_record(first);
    for (int i = 0; i < records; ++i) made.batch.add_records();
    return made;
  }
  static void add_missing(VerifiedBatch& to, std::uint64_t first, std::uint64_t count,
                          v1::MissingRange::Reason reason) {
    v1::MissingRange& range = *to.batch.add_missing();
    range.set_first_record(first);
    range.set_record_count(count);
    range.set_reason(reason);
  }

  Receiver receiver_;
  int next_id_ = 0;
};

TEST_F(ReceiverTest, TheSameBatchAgainIsADuplicate) {
  const VerifiedBatch one = batch(0, 5);
  EXPECT_EQ(receiver_.take(one), Arrival::kNew);
  EXPECT_EQ(receiver_.take(one), Arrival::kDuplicate);
  EXPECT_EQ(receiver_.counts().records, 5U);
  EXPECT_EQ(receiver_.counts().duplicates, 1U);
  EXPECT_TRUE(receiver_.clean());
}

TEST_F(ReceiverTest, OrderOfArrivalDoesNotMatter) {
  receiver_.take(batch(10, 5));
  receiver_.take(batch(0, 5));
  EXPECT_EQ(receiver_.gaps().size(), 1U);
  receiver_.take(batch(5, 5));
  EXPECT_TRUE(receiver_.gaps().empty());
  EXPECT_TRUE(receiver_.clean());
}

TEST_F(ReceiverTest, TellsEachGap) {
  receiver_.take(batch(2, 3));
  receiver_.take(batch(9, 1));
  const std::vector<Gap> gaps = receiver_.gaps();
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].first, 0U);
  EXPECT_EQ(gaps[0].count, 2U);
  EXPECT_EQ(gaps[1].first, 5U);
  EXPECT_EQ(gaps[1].count, 4U);
  EXPECT_FALSE(receiver_.clean());
}

TEST_F(ReceiverTest, TheSameRecordsUnderAnotherIdAreAFork) {
  receiver_.take(batch(0, 10));
  EXPECT_EQ(receiver_.take(batch(9, 2)), Arrival::kFork);
  EXPECT_EQ(receiver_.counts().forks, 1U);
  EXPECT_FALSE(receiver_.clean());
}

TEST_F(ReceiverTest, AdjacentRangesAreNoFork) {
  receiver_.take(batch(0, 10));
  EXPECT_EQ(receiver_.take(batch(10, 1)), Arrival::kNew);
  EXPECT_EQ(receiver_.take(batch(11, 1)), Arrival::kNew);
}

TEST_F(ReceiverTest, TwoSendersDoNotMix) {
  receiver_.take(batch(0, 10, 'a'));
  EXPECT_EQ(receiver_.take(batch(0, 10, 'b')), Arrival::kNew);
  EXPECT_TRUE(receiver_.clean());
}

TEST_F(ReceiverTest, WhatTheCarReportsAsLostIsNoGap) {
  VerifiedBatch after = batch(8, 2);
  add_missing(after, 0, 5, v1::MissingRange::EVICTED);
  add_missing(after, 5, 3, v1::MissingRange::EXPIRED);
  EXPECT_EQ(receiver_.take(after), Arrival::kNew);
  EXPECT_TRUE(receiver_.gaps().empty());
  EXPECT_EQ(receiver_.counts().evicted, 5U);
  EXPECT_EQ(receiver_.counts().expired, 3U);
}

TEST_F(ReceiverTest, ALostBatchThatArrivesAfterAllIsNoFork) {
  VerifiedBatch after = batch(5, 5);
  add_missing(after, 0, 5, v1::MissingRange::EVICTED);
  receiver_.take(after);
  EXPECT_EQ(receiver_.missing_arrived(), 0U);
  EXPECT_EQ(receiver_.take(batch(0, 5)), Arrival::kNew);
  EXPECT_TRUE(receiver_.clean());
}

TEST_F(ReceiverTest, WhatArrivedThoughItWasGivenUpIsCountedInWhateverOrderItCame) {
  receiver_.take(batch(0, 4));
  receiver_.take(batch(6, 4));
  VerifiedBatch after = batch(20, 5);
  add_missing(after, 2, 6, v1::MissingRange::EVICTED);
  add_missing(after, 12, 8, v1::MissingRange::EVICTED);
  receiver_.take(after);
  EXPECT_EQ(receiver_.missing_arrived(), 4U) << "2, 3, 6 and 7";
  receiver_.take(batch(15, 3));
  EXPECT_EQ(receiver_.missing_arrived(), 7U);
  EXPECT_EQ(receiver_.counts().evicted, 14U);
}

// A batch that brought the report and was evicted on its way arrives, and a later one says it
// again.
TEST_F(ReceiverTest, WhatIsToldTwiceIsMissingOnce) {
  VerifiedBatch first = batch(10, 1);
  add_missing(first, 0, 6, v1::MissingRange::EVICTED);
  receiver_.take(first);
  VerifiedBatch again = batch(11, 1);
  add_missing(again, 0, 10, v1::MissingRange::EVICTED);
  add_missing(again, 0, 2, v1::MissingRange::EXPIRED);
  receiver_.take(again);
  EXPECT_EQ(receiver_.counts().evicted, 10U);
  EXPECT_EQ(receiver_.counts().expired, 0U);
  EXPECT_TRUE(receiver_.clean());
}

TEST_F(ReceiverTest, AHostileMissingRangeDoesNotOverflow) {
  VerifiedBatch hostile = batch(3, 1);
  add_missing(hostile, ~std::uint64_t{0} - 1, ~std::uint64_t{0}, v1::MissingRange::EVICTED);
  receiver_.take(hostile);
  EXPECT_EQ(receiver_.counts().evicted, 1U);
}

TEST_F(ReceiverTest, ManyRangesStayBounded) {
  for (std::uint64_t i = 0; i < kRangesMax + 100; ++i) receiver_.take(batch(2 * i + 1, 1));
  EXPECT_LE(receiver_.gaps().size(), kRangesMax + 1);
  EXPECT_EQ(receiver_.counts().records, kRangesMax + 100);
}

TEST_F(ReceiverTest, WithoutPseudonymNothingIsCompared) {
  VerifiedBatch none = batch(0, 4);
  none.verified = Verified::kNone;
  none.batch.clear_pseudonym();
  receiver_.take(none);
  none.batch.set_batch_id("another");
  EXPECT_EQ(receiver_.take(none), Arrival::kNew);
  EXPECT_EQ(receiver_.counts().verified_none, 8U);
}

TEST_F(ReceiverTest, CountsFailuresByKind) {
  receiver_.take_failure({ErrorCode::kNoMatch, "age: no key fits"});
  EXPECT_EQ(receiver_.counts().failed, 1U);
  EXPECT_EQ(receiver_.counts().failures.at("age: no key fits"), 1U);
  EXPECT_FALSE(receiver_.clean());
}

TEST_F(ReceiverTest, TellsWhichRecordsAreAFork) {
  receiver_.take(batch(0, 10));
  EXPECT_EQ(receiver_.take(batch(5, 3)), Arrival::kFork);
  ASSERT_EQ(receiver_.forks().size(), 1U);
  EXPECT_EQ(receiver_.forks()[0].pseudonym, std::string(16, 'a'));
  EXPECT_EQ(receiver_.forks()[0].first, 5U);
  EXPECT_EQ(receiver_.forks()[0].count, 3U);
  EXPECT_FALSE(receiver_.clean());
}

}  // namespace
}  // namespace sudare
