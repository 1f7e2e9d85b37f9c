#include "sim/judge/clock_offset.h"

#include <gtest/gtest.h>

#include "sim/random.h"

namespace sudare::sim {
namespace {

constexpr std::int64_t kSentMs = 1'795'900'000'000;

// What a unit whose clock is `offset_ms` ahead makes of messages a second, each received within
// `receipt_ms` and in the cloud within `cloud_ms`.
std::vector<ReceiptTime> times_of(std::int64_t offset_ms, std::uint32_t bucket_ms,
                                  std::size_t receipt_ms, std::size_t cloud_ms) {
  Random random(7);
  std::vector<ReceiptTime> times;
  for (int i = 0; i < 500; ++i) {
    ReceiptTime time;
    time.bucket_ms = bucket_ms;
    time.sent_ms = kSentMs + i * 1000 + static_cast<std::int64_t>(random.below(1000));
    const auto received_ms = time.sent_ms + static_cast<std::int64_t>(random.below(receipt_ms));
    time.released_ms = (received_ms + offset_ms) / bucket_ms * bucket_ms;
    time.arrived_ms = received_ms + static_cast<std::int64_t>(random.below(cloud_ms));
    times.push_back(time);
  }
  return times;
}

TEST(ClockOffset, WithoutRecordsNothingIsKnown) { EXPECT_EQ(clock_offset({}).records, 0U); }

TEST(ClockOffset, TheBoundsHoldItWhateverTheDelays) {
  for (const std::int64_t offset_ms : {-90'000, -1, 0, 37, 90'000, 3'600'000}) {
    for (const std::uint32_t bucket_ms : {1U, 1000U, 60'000U}) {
      for (const std::size_t receipt_ms : {5U, 900U, 20'000U}) {
        const ClockOffset offset = clock_offset(times_of(offset_ms, bucket_ms, receipt_ms, 40'000));
        EXPECT_TRUE(offset.consistent);
        EXPECT_LE(offset.least_ms, offset_ms);
        EXPECT_GE(offset.most_ms, offset_ms);
        EXPECT_GE(offset.estimate_ms, offset.least_ms);
        EXPECT_LE(offset.estimate_ms, offset.most_ms);
      }
    }
  }
}

TEST(ClockOffset, WhereReceiptIsQuickTheEstimateIsWithinASecond) {
  for (const std::uint32_t bucket_ms : {1U, 1000U, 60'000U}) {
    const ClockOffset offset = clock_offset(times_of(90'000, bucket_ms, 50, 100'000));
    EXPECT_NEAR(static_cast<double>(offset.estimate_ms), 90'000, 1000) << bucket_ms;
  }
}

TEST(ClockOffset, AClockThatIsSetDuringTheRunIsFound) {
  std::vector<ReceiptTime> times = times_of(0, 1, 50, 100);
  for (std::size_t i = 250; i < times.size(); ++i) times[i].released_ms += 5000;
  EXPECT_FALSE(clock_offset(times).consistent);
}

}  // namespace
}  // namespace sudare::sim
