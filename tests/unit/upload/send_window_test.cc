#include "gateway/upload/send_window.h"

#include <gtest/gtest.h>

namespace sudare {
namespace {

TEST(SendWindow, StartsSmallAndGrowsWithAcknowledgements) {
  SendWindow window(1000);
  EXPECT_EQ(window.room_rows(), 8U);
  for (int mid = 1; mid <= 8; ++mid) window.sent(mid, static_cast<RowId>(mid), 10);
  EXPECT_EQ(window.room_rows(), 0U);
  for (int mid = 1; mid <= 8; ++mid) EXPECT_EQ(window.acknowledged(mid), static_cast<RowId>(mid));
  EXPECT_EQ(window.room_rows(), 16U);
}

TEST(SendWindow, NeverKnowsMoreThanItsLimit) {
  SendWindow window(10);
  for (int mid = 1; mid <= 6; ++mid) window.sent(mid, static_cast<RowId>(mid), 10);
  for (int mid = 1; mid <= 6; ++mid) (void)window.acknowledged(mid);
  // Acknowledged, and not yet deleted by the committing thread: they count.
  EXPECT_EQ(window.room_rows(), 4U);
  window.deleted({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(window.room_rows(), 10U);
}

TEST(SendWindow, BytesBoundIt) {
  SendWindow window(1000);
  window.sent(1, 1, kUplinkOutstandingBytesMax + 5);
  EXPECT_EQ(window.room_bytes(), 0U);
  (void)window.acknowledged(1);
  EXPECT_EQ(window.room_bytes(), kUplinkOutstandingBytesMax);
}

TEST(SendWindow, ALostConnectionFreesWhatWasNotAcknowledged) {
  SendWindow window(1000);
  window.sent(1, 101, 10);
  window.sent(2, 102, 10);
  (void)window.acknowledged(1);
  window.reset();
  EXPECT_EQ(window.known(), std::vector<RowId>{101});
  EXPECT_EQ(window.outstanding(), 0U);
}

TEST(SendWindow, ARefusedRowWaitsAndThenMayGoAgain) {
  SendWindow window(1000);
  window.sent(1, 101, 10);
  window.refused(1, 5000);
  EXPECT_EQ(window.known(), std::vector<RowId>{101});
  EXPECT_FALSE(window.retry_due(5999));
  EXPECT_TRUE(window.retry_due(6000));
  EXPECT_TRUE(window.known().empty());
  window.sent(2, 101, 10);
  window.refused(2, 6000);
  EXPECT_FALSE(window.retry_due(7999)) << "twice as long";
  EXPECT_TRUE(window.retry_due(8000));
}

TEST(SendWindow, ANumberThatIsNotOursChangesNothing) {
  SendWindow window(1000);
  EXPECT_EQ(window.acknowledged(7), std::nullopt);
  window.refused(7, 0);
  EXPECT_TRUE(window.known().empty());
}

TEST(SendWindow, SendsNoMoreThanTheBrokerTakesUntilTheConnectionIsGone) {
  SendWindow window(1000);
  window.bound(2);
  EXPECT_EQ(window.room_rows(), 2U);
  window.sent(1, 10, 100);
  window.sent(2, 11, 100);
  EXPECT_EQ(window.room_rows(), 0U);
  EXPECT_TRUE(window.acknowledged(1));
  EXPECT_EQ(window.room_rows(), 1U);
  window.reset();
  EXPECT_GT(window.room_rows(), 2U);
}

}  // namespace
}  // namespace sudare
