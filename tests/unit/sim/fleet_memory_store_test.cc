// A simulated car's store does what the gateway's does: each step is done with both, and both must
// say the same.
#include <gtest/gtest.h>

#include "sim/fleet/memory_store.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::sim::fleet {
namespace {

constexpr std::uint64_t kBytesMax = 1 << 20;

class MemoryStoreTest : public testkit::StoreTest {
 protected:
  void SetUp() override { open(); }

  RowId add(const testkit::RowSpec& spec) {
    Sealed row = sealed(spec);
    const RowId id = row.meta().id;
    commit(group({std::move(row)}));
    return id;
  }
  void commit(const CommitGroup& group) {
    ASSERT_TRUE(store_->commit(group));
    const auto done = memory_.commit(group);
    ASSERT_TRUE(done) << done.error().what.view();
  }
  void same() {
    const Account real = store_->account();
    const Account simulated = memory_.account();
    ASSERT_EQ(simulated.purposes.size(), real.purposes.size());
    EXPECT_TRUE(simulated.adds_up());
    for (const auto& [purpose, counts] : real.purposes) {
      EXPECT_EQ(simulated.purposes.at(purpose).taken, counts.taken);
      EXPECT_EQ(simulated.purposes.at(purpose).by_fate, counts.by_fate);
    }
    EXPECT_EQ(memory_.next_row_id(), store_->next_row_id());
    EXPECT_EQ(memory_.status().rows, store_->status().rows);
    EXPECT_EQ(memory_.status().bytes, store_->status().bytes);
    EXPECT_EQ(memory_.status().records, store_->status().records);
    EXPECT_EQ(ranges(memory_), ranges(*store_));
  }
  static std::vector<std::pair<std::uint64_t, std::uint32_t>> ranges(const Store& store) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> found;
    const auto missing = store.missing("traffic", 28, kEpoch);
    for (const MissingRecords& one : *missing) {
      found.emplace_back(one.records.first, one.records.count);
    }
    return found;
  }

  MemoryStore memory_{kBytesMax};
};

TEST_F(MemoryStoreTest, WhatIsDeliveredLeavesAndIsCounted) {
  const RowId first = add({.records = 3});
  add({.records = 2});
  same();
  CommitGroup delivered;
  delivered.delivered = {first, 999};
  commit(delivered);
  same();
}

TEST_F(MemoryStoreTest, ABatchTakesThePlaceOfItsFragments) {
  const RowId fragment = add({.fragment = true, .records = 2});
  CommitGroup whole = group({sealed({.records = 0})});
  whole.replaced = {fragment};
  commit(whole);
  same();
}

TEST_F(MemoryStoreTest, WhatIsWithdrawnOrDamagedIsToldAsMissingUntilItIsReported) {
  const RowId damaged = add({.records = 2});
  add({.records = 3});
  CommitGroup settled;
  settled.damaged = {damaged};
  commit(settled);
  same();
  settled = {};
  settled.withdrawn = {"traffic"};
  commit(settled);
  same();
  EXPECT_FALSE(ranges(memory_).empty());
  CommitGroup reported;
  reported.reported = *memory_.missing("traffic", 28, kEpoch);
  commit(reported);
  same();
  EXPECT_TRUE(ranges(memory_).empty());
}

TEST_F(MemoryStoreTest, StateIsKeptByModuleAndKeyAndAnEmptyValueDeletes) {
  CommitGroup states;
  states.state = {{"epochs", "1", "a"}, {"epochs", "7", "b"}, {"clock", "1", "c"}};
  commit(states);
  states.state = {{"epochs", "1", ""}};
  commit(states);
  EXPECT_FALSE(memory_.state("epochs", "1")->has_value());
  EXPECT_EQ(**memory_.state("clock", "1"), "c");
  ASSERT_EQ(memory_.states("epochs")->size(), 1U);
  EXPECT_EQ(memory_.states("epochs")->front().value, "b");
}

TEST_F(MemoryStoreTest, OverItsBoundACommitFailsAndChangesNothing) {
  add({.bytes = 1000});
  const auto before = memory_.status();
  const auto failed = memory_.commit(group({sealed({.bytes = kBytesMax})}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kFull);
  EXPECT_EQ(memory_.status().bytes, before.bytes);
  EXPECT_EQ(memory_.account().total().taken, 1U);
}

TEST_F(MemoryStoreTest, AnIdThatWasUsedOrDeltasThatDoNotAddUpAreRefused) {
  Sealed row = sealed({});
  CommitGroup once = group({row});
  ASSERT_TRUE(memory_.commit(once));
  EXPECT_EQ(memory_.commit(once).error().code, ErrorCode::kInternal);
  CommitGroup wrong;
  wrong.account.purposes["traffic"].taken = 1;
  EXPECT_EQ(memory_.commit(wrong).error().code, ErrorCode::kInternal);
}

TEST_F(MemoryStoreTest, TheUrgentLeavesFirstAndNothingBeforeItsTime) {
  add({.not_before_ms = 5000});
  const RowId normal = add({});
  const RowId urgent = add({.purpose = "emergency", .priority = 9, .essential = true});
  add({.fragment = true});
  ASSERT_NE(memory_.next_to_send(1000), nullptr);
  EXPECT_EQ(memory_.next_to_send(1000)->meta.id, urgent);
  memory_.sent(urgent);
  EXPECT_EQ(memory_.next_to_send(1000)->meta.id, normal);
  memory_.sent(normal);
  EXPECT_EQ(memory_.next_to_send(1000), nullptr);
  EXPECT_EQ(memory_.next_send_ms(), 5000);
}

TEST_F(MemoryStoreTest, WhatWasSentAndNotAcknowledgedWaitsAgainWhenTheConnectionIsLost) {
  const RowId acknowledged = add({});
  const RowId sent = add({});
  memory_.sent(acknowledged);
  memory_.sent(sent);
  memory_.acknowledged(acknowledged);
  memory_.connection_lost();
  ASSERT_NE(memory_.next_to_send(1000), nullptr);
  EXPECT_EQ(memory_.next_to_send(1000)->meta.id, sent);
  EXPECT_EQ(memory_.undelivered(), 1U);
}

}  // namespace
}  // namespace sudare::sim::fleet
