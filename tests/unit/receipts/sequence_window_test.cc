#include "gateway/receipts/sequence_window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sudare {
namespace {

using Verdict = SequenceWindow::Verdict;

TEST(SequenceWindow, WhatComesInOrderMovesItOn) {
  SequenceWindow window;
  for (std::uint64_t n = 1; n <= 5000; ++n) EXPECT_EQ(window.note(n), Verdict::kNew);
  EXPECT_EQ(window.received(), 5000U);
}

TEST(SequenceWindow, WhatIsMissingHoldsItBackUntilItComes) {
  SequenceWindow window;
  EXPECT_EQ(window.note(1), Verdict::kNew);
  EXPECT_EQ(window.note(3), Verdict::kNew);
  EXPECT_EQ(window.note(4), Verdict::kNew);
  EXPECT_EQ(window.received(), 1U);
  EXPECT_EQ(window.note(2), Verdict::kNew);
  EXPECT_EQ(window.received(), 4U);
}

TEST(SequenceWindow, WhatCameIsSeenWhetherItWasInOrderOrNot) {
  SequenceWindow window;
  EXPECT_EQ(window.note(1), Verdict::kNew);
  EXPECT_EQ(window.note(3), Verdict::kNew);
  EXPECT_EQ(window.note(1), Verdict::kSeen);
  EXPECT_EQ(window.note(3), Verdict::kSeen);
}

TEST(SequenceWindow, WhatIsTooFarAheadIsNotNoted) {
  SequenceWindow window;
  EXPECT_EQ(window.note(kSequenceWindow + 1), Verdict::kTooFar);
  EXPECT_EQ(window.note(kSequenceWindow), Verdict::kNew);
  EXPECT_EQ(window.note(1), Verdict::kNew);
  EXPECT_EQ(window.note(kSequenceWindow + 1), Verdict::kNew);
}

TEST(SequenceWindow, WhatItsProducerGaveUpIsNotWaitedFor) {
  SequenceWindow window;
  EXPECT_EQ(window.note(5), Verdict::kNew);
  window.skip_to(5);
  EXPECT_EQ(window.received(), 5U);
  window.skip_to(3);  // an older message, redelivered
  EXPECT_EQ(window.received(), 5U);
  window.skip_to(1'000'000);
  EXPECT_EQ(window.received(), 999'999U);
  EXPECT_EQ(window.note(1'000'000), Verdict::kNew);
}

// Against a set of all numbers that came.
TEST(SequenceWindow, AgreesWithASetInAnyOrder) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  SequenceWindow window;
  std::set<std::uint64_t> came;
  std::uint64_t floor = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t number = floor + 1 + random() % (kSequenceWindow + 40);
    const bool seen = number <= floor || came.contains(number);
    const bool too_far = number > floor + kSequenceWindow;
    const Verdict verdict = window.note(number);
    ASSERT_EQ(verdict, too_far ? Verdict::kTooFar : seen ? Verdict::kSeen : Verdict::kNew);
    if (verdict == Verdict::kNew) came.insert(number);
    if (random() % 8 == 0) {
      const std::uint64_t oldest = floor + random() % 20;
      window.skip_to(oldest);
      floor = std::max(floor, oldest > 0 ? oldest - 1 : 0);
    }
    while (came.contains(floor + 1)) ++floor;
    ASSERT_EQ(window.received(), floor);
    if (i % 1000 == 0) {
      const auto copy = SequenceWindow::decode(window.encode());
      ASSERT_TRUE(copy && *copy == window);
    }
  }
}

TEST(SequenceWindow, DamagedBytesAreRefused) {
  EXPECT_FALSE(SequenceWindow::decode(""));
  EXPECT_FALSE(SequenceWindow::decode(std::string(9, 'x')));
  EXPECT_FALSE(SequenceWindow::decode(std::string(8 + kSequenceWindow / 8 + 8, 'x')));
}

}  // namespace
}  // namespace sudare
