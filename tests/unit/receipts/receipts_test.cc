#include "gateway/receipts/receipts.h"

#include <gtest/gtest.h>

#include "sim/fleet/memory_store.h"

namespace sudare {
namespace {

using Verdict = Receipts::Verdict;

class ReceiptsTest : public ::testing::Test {
 protected:
  ReceiptsTest() { restart(); }

  void restart() {
    auto loaded = Receipts::load(*store_, {{"app", {"vehicle/#", "test/+/x"}}, {"other", {"a"}}},
                                 "vehicle/receipt");
    ASSERT_TRUE(loaded);
    receipts_ = std::move(*loaded);
  }
  Verdict take(const std::string& sequence, const std::string& topic = "vehicle/position") {
    Message message;
    message.topic.set(topic);
    message.sequence.set(sequence);
    return receipts_->take(message);
  }
  void commit() {
    CommitGroup group;
    receipts_->take_changes(group.state);
    ASSERT_TRUE(store_->commit(group));
    receipts_->committed();
  }
  std::uint64_t receipt_of_app() {
    receipts_->publish_all();
    for (const Receipt& one : receipts_->due()) {
      if (one.producer == "app") return one.received;
    }
    return UINT64_MAX;
  }

  std::unique_ptr<Store> store_ = std::make_unique<sim::fleet::MemoryStore>(1U << 20U);
  std::unique_ptr<Receipts> receipts_;
};

TEST_F(ReceiptsTest, ARepeatedNumberIsSeen) {
  EXPECT_EQ(take("app/1/1"), Verdict::kTake);
  EXPECT_EQ(take("app/1/1"), Verdict::kSeen);
  EXPECT_EQ(take("app/2/1", "test/1/x"), Verdict::kTake) << "one count over all topics";
}

TEST_F(ReceiptsTest, ANumberIsReceiptedOnceItIsCommitted) {
  EXPECT_EQ(take("app/1/1"), Verdict::kTake);
  EXPECT_EQ(receipt_of_app(), 0U);
  commit();
  EXPECT_EQ(receipt_of_app(), 1U);
}

TEST_F(ReceiptsTest, WhatIsCommittedIsKnownAfterARestart) {
  EXPECT_EQ(take("app/1/1"), Verdict::kTake);
  EXPECT_EQ(take("app/3/1"), Verdict::kTake);
  commit();
  EXPECT_EQ(take("app/2/1"), Verdict::kTake);
  restart();
  EXPECT_EQ(receipt_of_app(), 1U);
  EXPECT_EQ(take("app/3/1"), Verdict::kSeen);
  EXPECT_EQ(take("app/2/1"), Verdict::kTake) << "it was not committed";
}

TEST_F(ReceiptsTest, OneThatIsSentAgainIsReceiptedAgain) {
  EXPECT_EQ(take("app/1/1"), Verdict::kTake);
  commit();
  (void)receipts_->due();
  EXPECT_EQ(take("app/1/1"), Verdict::kSeen);
  const auto due = receipts_->due();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].received, 1U);
}

// An app that may publish to other topics only must not end this one's messages.
TEST_F(ReceiptsTest, ANameIsBelievedOnItsOwnTopicsOnly) {
  EXPECT_EQ(take("app/1000000/1000000", "a"), Verdict::kTake);
  EXPECT_EQ(take("app/1/1"), Verdict::kTake);
  EXPECT_EQ(take("nobody/1/1"), Verdict::kTake);
  EXPECT_EQ(receipts_->refused(), 2U);
}

TEST_F(ReceiptsTest, WhatIsNoSequenceIsTakenAndCounted) {
  for (const char* text : {"app", "app/", "app/1", "app/0/0", "app/1/2", "app/-1/1", "app/1/1/1",
                           "app/99999999999999999999/1", "/1/1", "app/1 /1", "app/x/1"}) {
    EXPECT_EQ(take(text), Verdict::kTake) << text;
  }
  EXPECT_EQ(receipts_->refused(), 11U);
  EXPECT_EQ(receipt_of_app(), 0U);
}

TEST_F(ReceiptsTest, DamagedStateIsRefused) {
  CommitGroup group;
  group.state.push_back({"receipts", "app", "xyz"});
  ASSERT_TRUE(store_->commit(group));
  EXPECT_FALSE(Receipts::load(*store_, {{"app", {"a"}}}, "r"));
}

TEST_F(ReceiptsTest, TopicsOfProducersAreCollectedAndNoneTwice) {
  EXPECT_EQ(receipts_->with_topics_of_producers({"vehicle/consent/+", "b", "test/1/x"}),
            (std::vector<std::string>{"b", "vehicle/#", "test/+/x", "a"}));
}

TEST_F(ReceiptsTest, ItsOwnReceiptsAreKnown) {
  Message message;
  message.topic.set("vehicle/receipt/app");
  EXPECT_TRUE(receipts_->is_receipt(message));
  message.topic.set("vehicle/receipts/app");
  EXPECT_FALSE(receipts_->is_receipt(message));
  message.topic.set("vehicle/receipt");
  EXPECT_FALSE(receipts_->is_receipt(message));
}

TEST(FilterCovers, OnlyWhereEveryTopicIsMatched) {
  EXPECT_TRUE(filter_covers("#", "a/#"));
  EXPECT_TRUE(filter_covers("a/#", "a/+/b"));
  EXPECT_TRUE(filter_covers("a/+", "a/b"));
  EXPECT_FALSE(filter_covers("a/+", "a/#"));
  EXPECT_FALSE(filter_covers("a/b", "a/+"));
  EXPECT_FALSE(filter_covers("+/b", "a/+"));
}

TEST(FilterMatches, AsMqttSays) {
  EXPECT_TRUE(filter_matches("#", "a/b"));
  EXPECT_TRUE(filter_matches("a/#", "a"));
  EXPECT_TRUE(filter_matches("a/#", "a/b/c"));
  EXPECT_TRUE(filter_matches("a/+/c", "a/b/c"));
  EXPECT_TRUE(filter_matches("+", "a"));
  EXPECT_TRUE(filter_matches("+/+", "/a"));
  EXPECT_FALSE(filter_matches("+", "a/b"));
  EXPECT_FALSE(filter_matches("a/+", "a"));
  EXPECT_FALSE(filter_matches("a/b", "a/bc"));
  EXPECT_FALSE(filter_matches("a/b", "a/b/c"));
  EXPECT_FALSE(filter_matches("a/b/#", "a"));
  EXPECT_FALSE(filter_matches("", "a"));
}

}  // namespace
}  // namespace sudare
