// News: its batch shares nothing with what waits for a time bucket, and waits for nothing itself.
#include <gtest/gtest.h>

#include "tests/testkit/reveal.h"
#include "tests/unit/seal/car.h"

namespace sudare::seal_test {
namespace {

class AtOnceTest : public testing::Test {
 protected:
  void add_news(const std::string& payload) {
    Release release(MinimizeStage::passkey(), kTraffic, {});
    release.refill(MinimizeStage::passkey(), TestReveal::key(), kTraffic, true) = {
        "vehicle/topic", car_.clock.wall_ms(), Codec::kJson, payload};
    car_.sealer->add(release);
    ++car_.uncommitted[kTraffic];
  }
  Car car_;
};

TEST_F(AtOnceTest, GoesOutWithTheNextCommitOutsideAnyBucket) {
  add_news("1");
  EXPECT_EQ(car_.sealer->next_close_in_ms(), 0);
  const SealPlan plan = car_.plan();
  ASSERT_EQ(plan.add.size(), 1U);
  EXPECT_FALSE(plan.add[0].meta().fragment);
  EXPECT_EQ(plan.add[0].meta().not_before_ms, 0);
}

TEST_F(AtOnceTest, SharesNoBatchWithWhatWaitsForItsBucket) {
  car_.add(kTraffic, "before");
  add_news("news");
  car_.add(kTraffic, "after");
  const SealPlan plan = car_.plan();
  ASSERT_EQ(plan.add.size(), 3U);
  for (const Sealed& sealed : plan.add) {
    const Opened opened = car_.open(sealed);
    ASSERT_EQ(opened.batch.records_size(), 1);
    EXPECT_EQ(sealed.meta().not_before_ms == 0, opened.batch.records(0).payload() == "news");
  }
}

TEST_F(AtOnceTest, ManyInOneCommitShareABatch) {
  add_news("1");
  add_news("2");
  const auto opened = car_.commit();
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(opened[0].batch.records_size(), 2);
}

}  // namespace
}  // namespace sudare::seal_test
