#include <fstream>
#include <string>

#include "gateway/store/database.h"
#include "gateway/store/row.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class StoreCommit : public StoreTest {
 protected:
  void SetUp() override { open(); }
};

TEST_F(StoreCommit, RefusesDeltasThatDoNotAddUp) {
  CommitGroup bad;
  bad.account.purposes["traffic"].taken = 1;
  const auto done = store_->commit(bad);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(store_->account().purposes.empty());
}

TEST_F(StoreCommit, RefusesAnIdThatWasUsedBefore) {
  const RowId id = queue({});
  deliver({id});
  next_id_ = id;
  std::vector<Sealed> rows;
  rows.push_back(sealed({}));
  EXPECT_FALSE(store_->commit(group(std::move(rows))));
  EXPECT_EQ(store_->status().rows, 0u);
  expect_books_agree();
}

TEST_F(StoreCommit, RefusesARowThatCouldNotBeNamedOrHasNoBytes) {
  SealedMeta meta = sealed({}).meta();
  for (const auto& [id, bytes] : {std::pair(kRowIdMax + 1, "bytes"), std::pair(meta.id, "")}) {
    meta.id = id;
    std::vector<Sealed> rows;
    rows.push_back(Sealed(SealStage::passkey(), meta, bytes));
    const auto done = store_->commit(group(std::move(rows)));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kInternal);
    EXPECT_EQ(store_->status().rows, 0U);
  }
}

// A batch was given up: its fragments leave as they are, but for those that were emptied.
TEST_F(StoreCommit, ReleasedFragmentsAreSent) {
  const RowId fragment = queue({.fragment = true});
  EXPECT_TRUE(ready().empty());
  CommitGroup release;
  release.released = {fragment, 77};
  commit(release);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{fragment});
}

TEST_F(StoreCommit, AReportGoesWithTheFirstWholeBatchOfItsPurposeAndEpoch) {
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  std::vector<Sealed> rows;
  rows.push_back(sealed({.fragment = true}));
  rows.push_back(sealed({.purpose = "diagnostics"}));
  rows.push_back(sealed({.epoch_days = 7}));
  rows.push_back(sealed({}));
  const RowId carrier = rows.back().meta().id;
  CommitGroup report = group(std::move(rows));
  report.reported = missing("traffic");
  commit(report);
  const auto reports = store_->states("reports");
  ASSERT_TRUE(reports);
  ASSERT_EQ(reports->size(), 1U);
  EXPECT_EQ(reports->front().key, std::to_string(carrier));
  deliver({carrier - 1, carrier - 2});  // which report nothing
  EXPECT_EQ(store_->states("reports")->size(), 1U);
}

TEST_F(StoreCommit, FailsAsAWholeOrNotAtAll) {
  std::vector<Sealed> rows;
  rows.push_back(sealed({}));
  rows.push_back(sealed({}));
  next_id_ = 1;
  rows.push_back(sealed({}));  // the first row's id again
  CommitGroup bad = group(std::move(rows));
  bad.state.push_back({"records", "traffic", "3"});
  EXPECT_FALSE(store_->commit(bad));
  EXPECT_EQ(store_->status().rows, 0u);
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(store_->next_row_id(), 1u);
  const auto state = store_->state("records", "traffic");
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->has_value());
}

TEST_F(StoreCommit, UnknownAndRepeatedIdsAreIgnored) {
  const RowId id = queue({.records = 3});
  deliver({id, id, 999'999});
  deliver({id});
  EXPECT_EQ(count("traffic", Fate::kDelivered), 3);
  EXPECT_EQ(count("traffic", Fate::kQueued), 0);
}

TEST_F(StoreCommit, EmptyGroupIsFine) {
  commit(CommitGroup{});
  EXPECT_EQ(store_->status().rows, 0u);
}

TEST_F(StoreCommit, SurvivesARestart) {
  const RowId id = queue({.records = 4});
  switch_off();
  switch_on();
  EXPECT_EQ(ready_ids(), std::vector<RowId>{id});
  EXPECT_EQ(count("traffic", Fate::kQueued), 4);
  EXPECT_EQ(store_->next_row_id(), id + 1);
}

TEST_F(StoreCommit, IdsAreNotReusedAfterTheLastRowLeft) {
  const RowId id = queue({});
  deliver({id});
  switch_off();
  switch_on();
  EXPECT_EQ(store_->next_row_id(), id + 1);
}

TEST_F(StoreCommit, BatchTakesThePlaceOfItsFragments) {
  const RowId first = queue({.fragment = true, .records = 2});
  const RowId second = queue({.fragment = true, .records = 3});
  next_record_["traffic"] = 0;
  std::vector<Sealed> rows;
  rows.push_back(sealed({.records = 6}));  // one record of this commit
  const RowId batch = rows.front().meta().id;
  CommitGroup close;
  close.add = std::move(rows);
  close.replaced = {first, second};
  close.account.take("traffic", Fate::kQueued);
  commit(close);
  EXPECT_EQ(store_->status().rows, 1u);
  EXPECT_EQ(count("traffic", Fate::kQueued), 6);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{batch});
}

TEST_F(StoreCommit, DamagedRowsAreQuarantined) {
  const RowId id = queue({.records = 4});
  CommitGroup damaged;
  damaged.damaged = {id};
  commit(damaged);
  EXPECT_EQ(count("traffic", Fate::kQuarantined), 4);
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].reason, v1::MissingRange::QUARANTINED);
  EXPECT_EQ(missing("traffic")[0].records.count, 4u);
}

TEST_F(StoreCommit, WithdrawnPurposeLosesItsRowsAndOnlyIts) {
  queue({.records = 2});
  queue({.priority = 5, .records = 3});
  queue({.fragment = true, .records = 1});
  const RowId other = queue({.purpose = "diagnostics"});
  CommitGroup withdrawal;
  withdrawal.withdrawn = {"traffic"};
  commit(withdrawal);
  EXPECT_EQ(count("traffic", Fate::kNotConsented), 6);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{other});
  ASSERT_EQ(missing("traffic").size(), 1u);
  EXPECT_EQ(missing("traffic")[0].reason, v1::MissingRange::WITHDRAWN);
  EXPECT_EQ(missing("traffic")[0].records.count, 6u);
}

TEST_F(StoreCommit, PurposeWithoutPseudonymKeepsNoMissingRanges) {
  queue({.records = 2, .epoch_days = kNoEpochDays});
  CommitGroup withdrawal;
  withdrawal.withdrawn = {"traffic"};
  commit(withdrawal);
  const auto found = store_->missing("traffic", kNoEpochDays, kEpoch);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST_F(StoreCommit, ReportedRangesAreForgotten) {
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  CommitGroup reported;
  reported.reported = missing("traffic");
  ASSERT_EQ(reported.reported.size(), 1u);
  commit(reported);
  EXPECT_TRUE(missing("traffic").empty());
}

TEST_F(StoreCommit, OldEpochsOfMissingRangesAreBounded) {
  for (std::uint32_t epoch = 0; epoch < 20; ++epoch) {
    SealedMeta meta = sealed({}).meta();
    meta.epoch = epoch;
    std::vector<Sealed> rows;
    rows.emplace_back(SealStage::passkey(), meta, "bytes");
    commit(group(std::move(rows)));
    CommitGroup damaged;
    damaged.damaged = {meta.id};
    commit(damaged);
  }
  EXPECT_TRUE(store_->missing("traffic", 28, 11)->empty());
  EXPECT_EQ(store_->missing("traffic", 28, 12)->size(), 1u);
  EXPECT_EQ(store_->missing("traffic", 28, 19)->size(), 1u);
}

TEST_F(StoreCommit, StateIsKeptReplacedAndDeleted) {
  CommitGroup first;
  first.state = {
      {"epochs", "28", std::string("\0\1", 2)}, {"epochs", "7", "x"}, {"clock", "floor", "y"}};
  commit(first);
  CommitGroup second;
  second.state = {{"epochs", "7", ""}, {"clock", "floor", "z"}};
  commit(second);
  switch_off();
  switch_on();
  const auto epochs = store_->states("epochs");
  ASSERT_TRUE(epochs);
  ASSERT_EQ(epochs->size(), 1u);
  EXPECT_EQ(epochs->front().key, "28");
  EXPECT_EQ(epochs->front().value, std::string("\0\1", 2));
  EXPECT_EQ(store_->state("clock", "floor").value(), "z");
}

TEST_F(StoreCommit, AccountSurvivesARestartWithItsReasons) {
  CommitGroup counted;
  counted.account.take("", Fate::kRejected, Reason::kMalformed, 7);
  commit(counted);
  switch_off();
  switch_on();
  EXPECT_EQ(count("", Fate::kRejected), 7);
  const FateCounts total = store_->account().total();
  EXPECT_EQ(total.by_reason[static_cast<std::size_t>(Reason::kMalformed)], 7u);
}

TEST_F(StoreCommit, HeldBackBecomesDroppedAtRestart) {
  CommitGroup held;
  held.account.take("ownership", Fate::kHeldBack, Reason::kNone, 5);
  commit(held);
  switch_off();
  switch_on();
  EXPECT_EQ(count("ownership", Fate::kHeldBack), 0);
  EXPECT_EQ(count("ownership", Fate::kDropped), 5);
  const FateCounts total = store_->account().total();
  EXPECT_EQ(total.by_reason[static_cast<std::size_t>(Reason::kRestart)], 5u);
  expect_books_agree();
}

TEST_F(StoreCommit, SessionsAreNumbered) {
  const std::int64_t first = store_->session();
  switch_off();
  switch_on();
  EXPECT_EQ(store_->session(), first + 1);
}

TEST_F(StoreCommit, DeliveredBytesAreNoLongerOnTheDisk) {
  const std::string needle = content(1, 40);
  std::vector<RowId> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(queue({.bytes = i % 2 == 0 ? 300u : 20'000u}));
  ASSERT_NE((read_file(file()) + read_file(file() + "-wal")).find(needle), std::string::npos);
  deliver(ids);
  switch_off();  // the last checkpoint
  const std::string left = read_file(file()) + read_file(file() + "-wal");
  ASSERT_GT(left.size(), 100'000u);
  EXPECT_EQ(left.find("row "), std::string::npos);
}

TEST_F(StoreCommit, WalIsCutWhileRunning) {
  const std::uint64_t limit = options_.quota_bytes / 8;
  std::uint64_t most = 0;
  for (int i = 0; i < 100; ++i) {
    deliver({queue({.bytes = 60'000})});
    most = std::max<std::uint64_t>(most, std::filesystem::file_size(file() + "-wal"));
  }
  EXPECT_LE(most, limit + 500'000);
  EXPECT_GT(most, limit / 2);
}

}  // namespace
}  // namespace sudare::testkit
