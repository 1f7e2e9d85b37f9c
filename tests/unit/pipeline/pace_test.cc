#include <gtest/gtest.h>

#include "gateway/pipeline_pace.h"

namespace sudare {
namespace {

TEST(CommitPace, NothingWaitsAtFirst) { EXPECT_EQ(CommitPace(100, 1000).due_in_ms(5), -1); }

TEST(CommitPace, QuietEndsAGroupBeforeTheInterval) {
  CommitPace pace(100, 1000);
  pace.took(1, 10, 1000);
  EXPECT_EQ(pace.due_in_ms(1000), 25);
  pace.took(1, 10, 1020);
  EXPECT_EQ(pace.due_in_ms(1020), 25);
  EXPECT_EQ(pace.due_in_ms(1045), 0);
}

TEST(CommitPace, TheIntervalEndsAGroupThatIsNeverQuiet) {
  CommitPace pace(100, 1000);
  for (std::int64_t now = 1000; now < 1100; now += 10) pace.took(1, 10, now);
  EXPECT_EQ(pace.due_in_ms(1099), 1);
  EXPECT_EQ(pace.due_in_ms(1100), 0);
}

TEST(CommitPace, AFullGroupIsDueAtOnce) {
  CommitPace pace(100, 3);
  pace.took(3, 10, 1000);
  EXPECT_EQ(pace.due_in_ms(1000), 0);
  EXPECT_EQ(pace.room_messages(), 0U);
  pace.committed();
  EXPECT_EQ(pace.room_messages(), 3U);
  pace.took(1, 2 << 20, 1000);
  EXPECT_EQ(pace.room_bytes(), 0U);
  EXPECT_EQ(pace.due_in_ms(1000), 0);
}

TEST(CommitPace, AcknowledgementsOfTheCloudWaitForCompany) {
  CommitPace pace(100, 1000);
  pace.settle(1000);
  pace.settle(1100);
  EXPECT_EQ(pace.due_in_ms(1000), 200);
  pace.took(1, 10, 1010);
  EXPECT_EQ(pace.due_in_ms(1010), 25);
}

TEST(CommitPace, AFailureHoldsBackLongerEachTimeUntilASuccess) {
  CommitPace pace(100, 1);
  pace.took(1, 10, 1000);
  pace.failed(1000);
  EXPECT_TRUE(pace.held_back(1049));
  EXPECT_EQ(pace.due_in_ms(1000), 50);
  pace.failed(1050);
  EXPECT_EQ(pace.due_in_ms(1050), 100);
  for (int i = 0; i < 20; ++i) pace.failed(2000);
  EXPECT_EQ(pace.due_in_ms(2000), 5000);
  pace.committed();
  EXPECT_FALSE(pace.held_back(2000));
}

}  // namespace
}  // namespace sudare
