// The store with a journal: the same outbox, the same account, whatever lies where.
#include <filesystem>
#include <fstream>
#include <map>

#include "gateway/store/journaled_rows.h"
#include "gateway/store/state_directory.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class StoreJournal : public StoreTest {
 protected:
  StoreJournal() { options_.journal_bytes = journal_bytes_for(options_.quota_bytes); }

  [[nodiscard]] std::string journal() const {
    std::ifstream in(StateDirectory::journal_path(directory()), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] bool in_journal(const std::string& text) const {
    return journal().find(text) != std::string::npos;
  }
  // As a power cut leaves it: the files as they are, and a store that opens them.
  void cut_power() {
    const std::string copy = root_.path() / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(directory(), copy);
    switch_off();
    std::filesystem::remove_all(directory());
    std::filesystem::rename(copy, directory());
    switch_on();
  }
  CommitGroup numbered(std::vector<Sealed> rows, const std::string& number) {
    CommitGroup next = group(std::move(rows));
    next.state = {{"records", "traffic", number}};
    return next;
  }
  CommitGroup one(const RowSpec& spec) {
    std::vector<Sealed> rows;
    rows.push_back(sealed(spec));
    return group(std::move(rows));
  }
};

TEST_F(StoreJournal, ACommitIsInTheJournalAndNotInTheDatabase) {
  open();
  const auto before = std::filesystem::file_size(file() + "-wal");
  const RowId id = queue({});
  EXPECT_TRUE(in_journal(content(id, 500)));
  EXPECT_EQ(std::filesystem::file_size(file() + "-wal"), before);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{id});
  EXPECT_EQ(count("traffic", Fate::kQueued), 1);
}

TEST_F(StoreJournal, ADeliveredRowNeverReachesTheDatabase) {
  open();
  const RowId id = queue({});
  deliver({id});
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(count("traffic", Fate::kDelivered), 1);
  cut_power();
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(count("traffic", Fate::kDelivered), 1);
  EXPECT_EQ(store_->status().rows, 0U);
}

TEST_F(StoreJournal, NothingIsLostInAPowerCut) {
  open();
  const RowId first = queue({.records = 3});
  const RowId fragment = queue({.fragment = true});
  commit(numbered({}, "17"));
  cut_power();
  expect_books_agree();
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{first, fragment})) << "as after any restart";
  EXPECT_EQ(count("traffic", Fate::kQueued), 4);
  EXPECT_EQ(store_->next_row_id(), fragment + 1);
  EXPECT_EQ(store_->state("records", "traffic")->value(), "17");
}

TEST_F(StoreJournal, StateIsSeenBeforeItIsInTheDatabase) {
  open();
  commit(numbered({}, "1"));
  commit(numbered({}, "2"));
  EXPECT_EQ(store_->state("records", "traffic")->value(), "2");
  const auto all = store_->states("records");
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().value, "2");
}

TEST_F(StoreJournal, ABatchTakesTheFragmentsPlaceWithinTheJournal) {
  open();
  const RowId fragment = queue({.fragment = true});
  CommitGroup next = one({});
  next.account = {};
  next.replaced = {fragment};
  const RowId batch = next.add.front().meta().id;
  auto done = store_->commit(next);
  ASSERT_TRUE(done);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{batch});
  EXPECT_EQ(store_->status().rows, 1U);
  cut_power();
  EXPECT_EQ(ready_ids(), std::vector<RowId>{batch});
}

TEST_F(StoreJournal, ATransactionOfTheDatabaseTakesInTheJournal) {
  open();
  const RowId journaled = queue({});
  const RowId essential = queue({.essential = true});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{essential, journaled}));
  reader_.reset();
  cut_power();
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{essential, journaled}));
  deliver({journaled, essential});
  EXPECT_EQ(count("traffic", Fate::kDelivered), 2);
  expect_books_agree();
}

TEST_F(StoreJournal, AFullJournalIsTakenIn) {
  open();
  std::vector<RowId> ids;
  for (int i = 0; i < 300; ++i) ids.push_back(queue({.bytes = 3000}));
  EXPECT_EQ(ready_ids(), ids);
  cut_power();
  EXPECT_EQ(ready_ids(), ids);
}

TEST_F(StoreJournal, ARowIsHandedOutOnceWhereverItLies) {
  open();
  const RowId stored = queue({.bytes = 200'000});
  const RowId journaled = queue({});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{stored, journaled}));
  EXPECT_EQ(ready_ids({journaled}), std::vector<RowId>{stored});
  EXPECT_EQ(ready_ids({stored}), std::vector<RowId>{journaled});
}

// What the uploader sees while the committing thread moves a row from the journal to outbox.db.
TEST_F(StoreJournal, ARowThatIsInBothPlacesIsHandedOutOnce) {
  open();
  const RowId id = queue({.bytes = 200'000});
  JournaledRows both;
  JournaledRow row;
  row.meta.id = id;
  row.meta.purpose = "traffic";
  row.meta.priority = 2;
  row.bytes = "the same";
  both.add(row);
  auto reader = OutboxReader::open(directory(), store_->session(), clock_, &both);
  ASSERT_TRUE(reader);
  const auto rows = (*reader)->ready({}, 10, 1'000'000);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().id, id);
}

TEST_F(StoreJournal, RowsAndBytesAreBoundedThereToo) {
  open();
  for (int i = 0; i < 4; ++i) queue({.bytes = 1000});
  EXPECT_EQ(ready({}, 2).size(), 2U);
  EXPECT_EQ(ready({}, 10, 1000).size(), 1U);
  EXPECT_EQ(ready({}, 10, 1500).size(), 1U);
  EXPECT_EQ(ready({}, 10, 2000).size(), 2U);
  EXPECT_EQ(ready({}, 10, 1).size(), 1U) << "one goes in any case";
}

TEST_F(StoreJournal, WithheldRowsStayThere) {
  open();
  queue({.purpose = "clips"});
  const RowId message = queue({});
  const auto rows = reader().ready({}, 10, 1'000'000, {"clips"});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().id, message);
}

TEST_F(StoreJournal, TheSoonestOfBothPlacesIsWaitedFor) {
  open();
  const auto at = [this](std::int64_t ms) { return clock_.monotonic_ms() + ms; };
  queue({.bytes = 200'000, .not_before_ms = at(800)});  // too long for the journal
  EXPECT_EQ(reader().next_ready_in_ms(), 800);
  queue({.not_before_ms = at(500)});
  EXPECT_EQ(reader().next_ready_in_ms(), 500);
  queue({.not_before_ms = at(300)});
  EXPECT_EQ(reader().next_ready_in_ms(), 300);
}

// See OutboxReading.ARowWhoseTimeComesBetweenTheTwoQuestionsIsNotMissed.
TEST_F(StoreJournal, ARowWhoseTimeComesBetweenTheTwoQuestionsIsNotMissed) {
  open();
  queue({.not_before_ms = clock_.monotonic_ms() + 100});
  EXPECT_TRUE(ready().empty());
  clock_.advance_ms(150);
  EXPECT_EQ(reader().next_ready_in_ms(), 0);
  EXPECT_EQ(ready().size(), 1U);
  EXPECT_EQ(reader().next_ready_in_ms(), -1);
}

TEST_F(StoreJournal, ARowIsReadyAsSoonAsTheStoresTimeHasJumped) {
  open();
  EXPECT_TRUE(ready().empty());
  clock_.set_wall_ms(clock_.wall_ms() + 3'600'000);
  commit({});  // the reader does not know yet
  queue({.not_before_ms = clock_.monotonic_ms() - 1000});
  EXPECT_EQ(ready().size(), 1U);
}

TEST_F(StoreJournal, WhatTheTablesFillUpIsNotAskedOfTheJournal) {
  open();
  const RowId first = queue({.bytes = 200'000});  // too long for the journal
  queue({});
  const auto rows = ready({}, 1);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].id, first);
}

// The least urgent of all, where the tables are full: counted and reported like any other.
TEST_F(StoreJournal, WhatFindsNoRoomInTheTablesIsEvicted) {
  options_.quota_bytes = 2 * kMiB;
  options_.essential_reserve_bytes = 0;
  options_.journal_bytes = journal_bytes_for(2 * kMiB);
  open();
  while (count("high", Fate::kEvicted) == 0) {
    std::vector<Sealed> rows;  // together too long for the journal
    for (int i = 0; i < 40; ++i) {
      rows.push_back(sealed({.purpose = "high", .priority = 5, .bytes = 4000}));
    }
    commit(group(std::move(rows)));
  }
  queue({.purpose = "low", .priority = 0, .records = 2, .bytes = 100'000});
  queue({.purpose = "open", .priority = 0, .fragment = true, .records = 3, .bytes = 20'000});
  EXPECT_EQ(count("low", Fate::kQueued), 2);
  CommitGroup taken_in;
  taken_in.withdrawn = {"nobody's"};
  commit(taken_in);
  EXPECT_EQ(count("low", Fate::kEvicted), 2);
  ASSERT_EQ(missing("low").size(), 1U);
  EXPECT_EQ(missing("low")[0].records.count, 2U);
  EXPECT_EQ(count("open", Fate::kQueued), 3) << "in the open batch";
}

TEST_F(StoreJournal, StatesOfBothPlacesAreOne) {
  open();
  CommitGroup there;
  there.state = {{"records", "traffic", "1"}, {"consent", "traffic", "yes"}};
  commit(there);
  ASSERT_TRUE(store_->commit(numbered({}, "2")));
  CommitGroup more;
  more.state = {{"records", "diagnostics", "5"}, {"receipts", "app", "6"}};
  commit(more);
  const auto records = store_->states("records");
  ASSERT_TRUE(records);
  std::map<std::string, std::string> found;
  for (const StateEntry& entry : *records) found[entry.key] = entry.value;
  EXPECT_EQ(found, (std::map<std::string, std::string>{{"diagnostics", "5"}, {"traffic", "2"}}));
  EXPECT_EQ(store_->states("consent")->size(), 1U);
}

TEST_F(StoreJournal, ACommitOfNothingWritesNothing) {
  open();
  const RowId id = queue({.bytes = 200'000});
  deliver({id});
  commit({});
  EXPECT_EQ(journal().find_first_not_of('\0'), std::string::npos);
}

TEST_F(StoreJournal, UrgencyDecidesNotThePlace) {
  open();
  const RowId low = queue({.priority = 1});
  const RowId high_stored = queue({.priority = 5, .bytes = 200'000});
  const RowId middle = queue({.priority = 3});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{high_stored, middle, low}));
}

TEST_F(StoreJournal, TheBacklogComesAfterWhatIsJournaled) {
  open();
  const RowId old = queue({});
  switch_off();
  switch_on();
  const RowId fresh = queue({});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{fresh, old}));
}

TEST_F(StoreJournal, ARowWaitsForItsTime) {
  open();
  const RowId later = queue({.not_before_ms = clock_.monotonic_ms() + 5000});
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(*reader().next_ready_in_ms(), 5000);
  clock_.advance_ms(5000);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{later});
}

TEST_F(StoreJournal, AWithdrawalErasesTheJournal) {
  open();
  const RowId id = queue({});
  CommitGroup withdrawal;
  withdrawal.withdrawn = {"traffic"};
  commit(withdrawal);
  EXPECT_EQ(count("traffic", Fate::kNotConsented), 1);
  EXPECT_FALSE(in_journal(content(id, 500)));
  EXPECT_TRUE(ready_ids().empty());
}

TEST_F(StoreJournal, ASessionsEndLeavesNothingInTheJournal) {
  open();
  const RowId id = queue({});
  switch_off();
  EXPECT_EQ(journal().find_first_not_of('\0'), std::string::npos);
  options_.journal_bytes = 0;
  switch_on();
  EXPECT_EQ(ready_ids(), std::vector<RowId>{id});
}

TEST_F(StoreJournal, WhereNoneIsWantedItIsPlayedBackAndGone) {
  open();
  const RowId id = queue({});
  options_.journal_bytes = 0;
  cut_power();
  EXPECT_FALSE(std::filesystem::exists(StateDirectory::journal_path(directory())));
  EXPECT_EQ(ready_ids(), std::vector<RowId>{id});
}

TEST_F(StoreJournal, OneOfAGreaterQuotaIsPlayedBackAndShortened) {
  open();
  std::vector<RowId> ids;
  for (int i = 0; i < 60; ++i) ids.push_back(queue({}));
  options_.journal_bytes = 32 * 1024;
  cut_power();
  EXPECT_EQ(journal().size(), 32U * 1024);
  EXPECT_EQ(journal().find_first_not_of('\0'), std::string::npos);
  EXPECT_EQ(ready_ids(), ids);
}

TEST_F(StoreJournal, StoreTimeDoesNotGoBackWhereNobodyBelievesTheClock) {
  open();
  clock_.advance_ms(300'000);
  const RowId later = queue({.not_before_ms = clock_.monotonic_ms() + 1000});
  clock_.set_wall_ms(0);
  cut_power();
  EXPECT_LE(*reader().next_ready_in_ms(), 1000);
  clock_.advance_ms(1000);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{later});
}

TEST_F(StoreJournal, SecretsNeverGoThere) {
  open();
  CommitGroup next = one({});
  next.state = {{"epochs", "chain", "a chain key"}};
  commit(next);
  EXPECT_FALSE(in_journal("a chain key"));
  EXPECT_FALSE(in_journal(content(next.add.front().meta().id, 500)));
  EXPECT_EQ(store_->state("epochs", "chain")->value(), "a chain key");
}

TEST_F(StoreJournal, WhatIsOldGoesToTheDatabaseAndExpires) {
  open();
  queue({.keep_hours = 1});
  clock_.advance_ms(3'600'000);
  commit(one({.purpose = "other"}));
  EXPECT_EQ(count("traffic", Fate::kExpired), 1);
  EXPECT_EQ(missing("traffic").size(), 1U);
}

TEST_F(StoreJournal, RowsThatFindNoRoomAreEvictedAndCounted) {
  options_.quota_bytes = kQuotaBytesMin;
  options_.essential_reserve_bytes = 0;
  options_.journal_bytes = journal_bytes_for(options_.quota_bytes);
  open();
  for (int i = 0; i < 200; ++i) queue({.records = 2, .bytes = 20'000});
  EXPECT_GT(count("traffic", Fate::kEvicted), 0);
  EXPECT_EQ(count("traffic", Fate::kEvicted) + count("traffic", Fate::kQueued), 400);
  EXPECT_LE(store_->status().file_bytes, options_.quota_bytes + 64 * 1024);
}

TEST_F(StoreJournal, ADeliveredRowIsNeverEvictedForWantOfRoom) {
  options_.quota_bytes = kQuotaBytesMin;
  options_.essential_reserve_bytes = 0;
  options_.journal_bytes = journal_bytes_for(options_.quota_bytes);
  open();
  for (int i = 0; i < 60; ++i) queue({.priority = 5, .bytes = 20'000});
  const RowId journaled = queue({.purpose = "low", .priority = 1});
  CommitGroup next = one({.purpose = "call", .essential = true});
  next.delivered = {journaled};
  commit(next);
  EXPECT_EQ(count("low", Fate::kDelivered), 1);
  EXPECT_TRUE(missing("low").empty());
}

// What the journal holds needs room in full tables, where the oldest rows are on their way out.
TEST_F(StoreJournal, WhatTheCloudHasIsNotEvictedForWhatTheJournalHolds) {
  options_.quota_bytes = 2 * kMiB;
  options_.essential_reserve_bytes = 0;
  options_.journal_bytes = journal_bytes_for(2 * kMiB);
  open();
  while (count("traffic", Fate::kEvicted) == 0) {
    std::vector<Sealed> rows;  // together too long for the journal
    for (int i = 0; i < 40; ++i) rows.push_back(sealed({.bytes = 4000}));
    commit(group(std::move(rows)));
  }
  const std::int64_t evicted = count("traffic", Fate::kEvicted);
  std::vector<RowId> oldest = ready_ids();
  ASSERT_GT(oldest.size(), 5U);
  oldest.resize(5);
  queue({.bytes = 12'000});
  CommitGroup next = one({.purpose = "call", .essential = true});
  next.delivered = oldest;
  commit(next);
  EXPECT_EQ(count("traffic", Fate::kDelivered), 5);
  EXPECT_EQ(count("traffic", Fate::kEvicted), evicted);
}

TEST_F(StoreJournal, ADamagedEntryLosesItselfAndIsSaid) {
  open();
  const RowId first = queue({});
  queue({});
  const RowId third = queue({});
  const std::string path = StateDirectory::journal_path(directory());
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(4096 + 100) << "rot";
  ::testing::internal::CaptureStderr();
  cut_power();
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("store_journal_damaged entries=1"),
            std::string::npos);
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{first, third}));
  expect_books_agree();
}

}  // namespace
}  // namespace sudare::testkit
