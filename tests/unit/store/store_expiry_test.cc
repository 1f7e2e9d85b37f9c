#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

constexpr std::int64_t kHour = 3'600'000;

class StoreExpiry : public StoreTest {
 protected:
  void SetUp() override { open(); }
};

TEST_F(StoreExpiry, OldRowsAreCountedAndReported) {
  queue({.records = 3, .keep_hours = 72});
  clock_.advance_ms(72 * kHour - 1);
  EXPECT_EQ(commit({}).expired_rows, 0u);
  clock_.advance_ms(1);
  EXPECT_EQ(commit({}).expired_rows, 1u);
  EXPECT_EQ(count("traffic", Fate::kExpired), 3);
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].reason, v1::MissingRange::EXPIRED);
}

TEST_F(StoreExpiry, WallClockJumpToThePastKeepsRows) {
  queue({.keep_hours = 1});
  clock_.set_wall_ms(0);
  EXPECT_EQ(commit({}).expired_rows, 0u);
}

TEST_F(StoreExpiry, BootIn2100KeepsRows) {
  queue({.keep_hours = 1});
  switch_off();
  clock_.set_wall_ms(4'102'444'800'000);
  switch_on();
  EXPECT_EQ(commit({}).expired_rows, 0u);
}

TEST_F(StoreExpiry, AgeGoesOnOverBootsAt1970) {
  queue({.keep_hours = 10});
  for (int boot = 0; boot < 10; ++boot) {
    EXPECT_EQ(commit({}).expired_rows, 0u) << boot;
    clock_.advance_ms(kHour);  // an hour's drive each
    commit({});
    switch_off();
    clock_.set_wall_ms(5000);
    switch_on();
  }
  EXPECT_EQ(count("traffic", Fate::kExpired), 1);
}

TEST_F(StoreExpiry, OffTimeAges) {
  queue({.keep_hours = 72});
  switch_off();
  switch_on(72 * kHour);
  EXPECT_EQ(commit({}).expired_rows, 1u);
}

TEST_F(StoreExpiry, OffTimeAgesOnceTheClockIsFound) {
  queue({.keep_hours = 72});
  const std::int64_t wall_ms = clock_.wall_ms();
  switch_off();
  clock_.set_wall_ms(5000);
  switch_on();
  EXPECT_EQ(commit({}).expired_rows, 0u);
  clock_.set_wall_ms(wall_ms + 80 * kHour);
  EXPECT_EQ(commit({}).expired_rows, 1u);
}

TEST_F(StoreExpiry, OpenFragmentsDoNotExpireBeforeTheirBatchCloses) {
  const RowId fragment = queue({.fragment = true, .keep_hours = 1});
  clock_.advance_ms(2 * kHour);
  EXPECT_EQ(commit({}).expired_rows, 0u);
  switch_off();
  switch_on();  // nobody will close its batch now
  EXPECT_EQ(commit({}).expired_rows, 1u);
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(fragment, 1u);
}

TEST_F(StoreExpiry, ManyOldRowsGoOverSomeCommits) {
  std::vector<Sealed> rows;
  for (int i = 0; i < 1500; ++i) rows.push_back(sealed({.bytes = 20, .keep_hours = 1}));
  commit(group(std::move(rows)));
  clock_.advance_ms(2 * kHour);
  EXPECT_EQ(commit({}).expired_rows, 1000u);
  EXPECT_EQ(commit({}).expired_rows, 500u);
  EXPECT_EQ(store_->status().rows, 0u);
}

TEST_F(StoreExpiry, ZeroHoursMeansNoLimitOfAge) {
  queue({.keep_hours = 0});
  clock_.advance_ms(100'000 * kHour);
  EXPECT_EQ(commit({}).expired_rows, 0u);
}

}  // namespace
}  // namespace sudare::testkit
