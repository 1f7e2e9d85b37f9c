// Which commits go to the journal, and which entries of it are played back.
#include "gateway/store/journal_entry.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/testkit/manual_clock.h"
#include "tests/testkit/seal_stage_for_tests.h"

namespace sudare::testkit {
namespace {

constexpr RowId kNextId = 10;

class JournalEntryTest : public ::testing::Test {
 protected:
  JournalEntryTest() {
    books_.next_id = kNextId;
    books_.time = StoreTime::start(clock_.wall_ms(), clock_.monotonic_ms());
  }
  static SealedMeta meta_of(RowId id) {
    SealedMeta meta;
    meta.id = id;
    meta.purpose = "traffic";
    meta.records = {7, 2};
    return meta;
  }
  static Sealed row(const SealedMeta& meta, std::string bytes = "an age file") {
    return Sealed(SealStage::passkey(), meta, std::move(bytes));
  }
  // A usual commit: a row, its account, the number of its next record.
  static CommitGroup usual() {
    CommitGroup group;
    group.add.push_back(row(meta_of(kNextId)));
    group.account.take("traffic", Fate::kQueued, Reason::kNone, 2);
    group.state.push_back({kRecordNumbersModule, "traffic", "9"});
    return group;
  }
  [[nodiscard]] std::optional<v1::JournalEntry> entry_of(const CommitGroup& group) {
    of_database_.clear();
    return journal_entry_of(group, books_, rows_, clock_, of_database_);
  }
  Status played(const v1::JournalEntry& entry) { return play(entry, books_, rows_, states_); }
  // Nothing of an entry that is refused happens.
  void expect_refused(const v1::JournalEntry& entry) {
    const Status done = played(entry);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(books_.rows, 0U);
    EXPECT_EQ(books_.next_id, kNextId);
    EXPECT_EQ(books_.account.total().taken, 0U);
    EXPECT_FALSE(rows_.next_after(0));
    EXPECT_TRUE(states_.empty());
  }

  ManualClock clock_;
  Books books_;
  JournaledRows rows_;
  JournaledStates states_;
  std::vector<RowId> of_database_;
};

TEST_F(JournalEntryTest, AUsualCommitGoesThereAndBack) {
  const auto entry = entry_of(usual());
  ASSERT_TRUE(entry);
  ASSERT_TRUE(played(*entry));
  EXPECT_EQ(books_.rows, 1U);
  EXPECT_EQ(books_.records, 2U);
  EXPECT_EQ(books_.next_id, kNextId + 1);
  EXPECT_TRUE(books_.account.adds_up());
  const auto row = rows_.next_after(0);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->bytes, "an age file");
  EXPECT_EQ(states_.at({"records", "traffic"}), "9");
}

TEST_F(JournalEntryTest, WhatConcernsTheDatabaseGoesThere) {
  const std::vector<std::pair<const char*, std::function<void(CommitGroup&)>>> changes = {
      {"release_held", [](CommitGroup& group) { group.release_held = true; }},
      {"drop_held", [](CommitGroup& group) { group.drop_held = true; }},
      {"released", [](CommitGroup& group) { group.released = {1}; }},
      {"damaged", [](CommitGroup& group) { group.damaged = {1}; }},
      {"withdrawn", [](CommitGroup& group) { group.withdrawn = {"traffic"}; }},
      {"reported", [](CommitGroup& group) { group.reported.emplace_back(); }},
      {"replaced there", [](CommitGroup& group) { group.replaced = {1}; }},
      {"account", [](CommitGroup& group) { group.account.purposes["traffic"].taken += 1; }},
      {"a secret's module",
       [](CommitGroup& group) {
         group.state = {{"epochs", "7", "key"}};
       }},
      {"deletion", [](CommitGroup& group) {
         group.state = {{kReceiptsModule, "a", ""}};
       }}};
  for (const auto& [what, change] : changes) {
    CommitGroup group = usual();
    change(group);
    EXPECT_FALSE(entry_of(group)) << what;
  }
}

TEST_F(JournalEntryTest, RowsThatAreNotUsualGoToTheDatabase) {
  const std::vector<std::pair<const char*, std::function<void(SealedMeta&)>>> changes = {
      {"held", [](SealedMeta& meta) { meta.held = true; }},
      {"essential", [](SealedMeta& meta) { meta.essential = true; }},
      {"used id", [](SealedMeta& meta) { meta.id = kNextId - 1; }},
      {"last id", [](SealedMeta& meta) { meta.id = kRowIdMax + 1; }}};
  for (const auto& [what, change] : changes) {
    SealedMeta meta = meta_of(kNextId);
    change(meta);
    CommitGroup group = usual();
    group.add = {row(meta)};
    EXPECT_FALSE(entry_of(group)) << what;
  }
  for (const std::size_t bytes : {0UL, 130UL * 1024}) {
    CommitGroup group = usual();
    group.add = {row(meta_of(kNextId), std::string(bytes, 'x'))};
    EXPECT_FALSE(entry_of(group)) << bytes;
  }
}

TEST_F(JournalEntryTest, DeliveredRowsAreNamedWhereTheyLie) {
  ASSERT_TRUE(played(*entry_of(usual())));
  CommitGroup group;
  group.delivered = {3, kNextId};
  const auto entry = entry_of(group);
  ASSERT_TRUE(entry);
  EXPECT_EQ(of_database_, std::vector<RowId>{3});
  ASSERT_EQ(entry->delivered_size(), 1);
  ASSERT_TRUE(played(*entry));
  EXPECT_EQ(books_.rows, 0U);
  EXPECT_EQ(books_.account.total().by_fate.at(static_cast<std::size_t>(Fate::kDelivered)), 2);
}

TEST_F(JournalEntryTest, RowsThatAreGoneAreNotMissed) {
  v1::JournalEntry entry = *entry_of(usual());
  entry.add_replaced(4);
  entry.add_delivered(5);
  ASSERT_TRUE(played(entry));
  EXPECT_EQ(books_.rows, 1U);
}

TEST_F(JournalEntryTest, ARowThatCannotBeIsRefused) {
  const std::vector<std::function<void(v1::JournalEntry::Row&)>> changes = {
      [](v1::JournalEntry::Row& row) { row.set_id(kNextId - 1); },
      [](v1::JournalEntry::Row& row) { row.set_id(kRowIdMax + 1); },
      [](v1::JournalEntry::Row& row) { row.set_shard(256); },
      [](v1::JournalEntry::Row& row) { row.set_epoch_days(65'536); },
      [](v1::JournalEntry::Row& row) { row.set_priority(256); }};
  for (const auto& change : changes) {
    v1::JournalEntry entry = *entry_of(usual());
    change(*entry.mutable_rows(0));
    expect_refused(entry);
  }
  v1::JournalEntry twice = *entry_of(usual());
  *twice.add_rows() = twice.rows(0);
  expect_refused(twice);
}

// They would be lost.
TEST_F(JournalEntryTest, CountsAndStatesOfALaterReleaseAreRefused) {
  v1::JournalEntry fates = *entry_of(usual());
  while (static_cast<std::size_t>(fates.account(0).fates_size()) <= kFateCount) {
    fates.mutable_account(0)->add_fates(0);
  }
  expect_refused(fates);
  v1::JournalEntry reasons = *entry_of(usual());
  while (static_cast<std::size_t>(reasons.account(0).reasons_size()) <= kReasonCount) {
    reasons.mutable_account(0)->add_reasons(0);
  }
  expect_refused(reasons);
  v1::JournalEntry sum = *entry_of(usual());
  sum.mutable_account(0)->set_taken(3);
  expect_refused(sum);
  v1::JournalEntry state = *entry_of(usual());
  state.mutable_states(0)->set_module("of a later release");
  expect_refused(state);
}

TEST_F(JournalEntryTest, StatesOfTheReleaseBeforeAreRecordNumbers) {
  v1::JournalEntry entry = *entry_of(usual());
  entry.mutable_states(0)->set_module("");
  ASSERT_TRUE(played(entry));
  EXPECT_EQ(states_.at({"records", "traffic"}), "9");
}

class JournaledRowsTest : public ::testing::Test {
 protected:
  void add(RowId id, std::uint8_t priority, std::int64_t ready_ms, bool fragment = false) {
    JournaledRow row;
    row.meta.id = id;
    row.meta.priority = priority;
    row.meta.fragment = fragment;
    row.bytes = std::string(100, 'x');
    row.ready_ms = ready_ms;
    rows_.add(std::move(row));
  }
  [[nodiscard]] std::vector<RowId> ready(std::size_t rows_max, std::size_t bytes_max) const {
    std::vector<RowId> ids;
    const auto all = [](const SealedMeta& /*meta*/) { return true; };
    for (const JournaledRow& row : rows_.ready(1000, rows_max, bytes_max, all)) {
      ids.push_back(row.meta.id);
    }
    return ids;
  }
  JournaledRows rows_;
};

TEST_F(JournaledRowsTest, TheMostUrgentComeFirstAndAreBounded) {
  add(1, 2, 0);
  add(2, 3, 0);
  add(3, 2, 0);
  add(4, 9, 0, true);  // of an open batch
  add(5, 9, 1001);     // its time has not come
  EXPECT_EQ(ready(10, 1000), (std::vector<RowId>{2, 1, 3}));
  EXPECT_EQ(ready(2, 1000), (std::vector<RowId>{2, 1}));
  EXPECT_EQ(ready(10, 150), (std::vector<RowId>{2, 1}));
  EXPECT_TRUE(ready(0, 1000).empty());
}

TEST_F(JournaledRowsTest, TheNextIsTheSoonestThatWaits) {
  EXPECT_EQ(rows_.next_ready_ms(1000), std::nullopt);
  add(1, 2, 1000);        // there already
  add(2, 2, 1100, true);  // goes with its batch
  EXPECT_EQ(rows_.next_ready_ms(1000), std::nullopt);
  add(3, 2, 1400);
  add(4, 2, 1300);
  add(5, 2, 1500);
  EXPECT_EQ(rows_.next_ready_ms(1000), 1300);
}

TEST_F(JournaledRowsTest, ARowIsRemovedOnce) {
  add(1, 2, 0);
  EXPECT_TRUE(rows_.remove(1));
  EXPECT_FALSE(rows_.remove(1));
}

}  // namespace
}  // namespace sudare::testkit
