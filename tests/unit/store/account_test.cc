#include "gateway/account.h"

#include <gtest/gtest.h>

#include <set>

namespace sudare {
namespace {

TEST(Account, DeltaWithoutTakenDoesNotAddUp) {
  Account account;
  account.purposes["traffic"].by_fate[static_cast<std::size_t>(Fate::kQueued)] = 1;
  EXPECT_FALSE(account.adds_up());
}

TEST(Account, OnePurposesSurplusDoesNotHideAnothersLack) {
  Account account;
  account.take("traffic", Fate::kQueued);
  account.take("emergency", Fate::kQueued);
  account.purposes["traffic"].taken = 2;
  account.purposes["emergency"].taken = 0;
  EXPECT_TRUE(account.total().adds_up());
  EXPECT_FALSE(account.adds_up());
}

TEST(Account, EachRowIsInOneFate) {
  Account account;
  account.take("traffic", Fate::kQueued, Reason::kNone, 5);
  account.take("traffic", Fate::kDropped, Reason::kNotMoved, 2);
  account.take("", Fate::kRejected, Reason::kUnknownTopic);
  account.move("traffic", Fate::kQueued, Fate::kDelivered, 3);
  EXPECT_TRUE(account.adds_up());
  const FateCounts total = account.total();
  EXPECT_EQ(total.taken, 8u);
  EXPECT_EQ(total.by_fate[static_cast<std::size_t>(Fate::kQueued)], 2);
  EXPECT_EQ(total.by_fate[static_cast<std::size_t>(Fate::kDelivered)], 3);
  EXPECT_EQ(total.by_reason[static_cast<std::size_t>(Reason::kNotMoved)], 2u);
}

TEST(Account, DeltasAreAddedByPurpose) {
  Account account;
  account.take("traffic", Fate::kQueued, Reason::kNone, 5);
  Account delta;
  delta.move("traffic", Fate::kQueued, Fate::kEvicted, 2);
  delta.take("emergency", Fate::kQueued);
  account += delta;
  EXPECT_TRUE(account.adds_up());
  EXPECT_EQ(account.purposes.at("traffic").by_fate[static_cast<std::size_t>(Fate::kEvicted)], 2);
  EXPECT_EQ(account.purposes.at("emergency").taken, 1u);
}

TEST(Account, NamesOfFatesAndReasonsAreDistinct) {
  std::set<std::string_view> fates;
  for (std::size_t i = 0; i < kFateCount; ++i) fates.insert(literal_of(Fate(i)).view());
  EXPECT_EQ(fates.size(), kFateCount);
  EXPECT_FALSE(fates.contains("unknown"));
  std::set<std::string_view> reasons;
  for (std::size_t i = 0; i < kReasonCount; ++i) reasons.insert(literal_of(Reason(i)).view());
  EXPECT_EQ(reasons.size(), kReasonCount);
  EXPECT_FALSE(reasons.contains("unknown"));
}

}  // namespace
}  // namespace sudare
