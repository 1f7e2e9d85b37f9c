#include "gateway/store/outbox_reader.h"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "gateway/store/database.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class OutboxReading : public StoreTest {
 protected:
  void SetUp() override { open(); }

  // Changes one byte of the age file of row `id` where it lies in outbox.db.
  void tear(RowId id, std::size_t bytes) {
    switch_off();  // the WAL is empty now
    const std::string before = read_file(file());
    const std::size_t at = before.find(content(id, bytes).substr(0, 30));
    ASSERT_NE(at, std::string::npos);
    std::fstream(file(), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(static_cast<std::streamoff>(at + 20))
        .put('X');
    switch_on();
  }

  // In the index, makes the time of a row (priority 2, of more than 31 bits) a text without length:
  // for SQLite later than any number, and as a number 0.
  void rot_ready_time(RowId id) {
    std::int64_t ready_ms = 0;
    {
      auto database = Database::open(file(), DatabaseAccess::kReadOnly);
      auto row = Statement::prepare(*database, "SELECT ready_ms FROM outbox WHERE id = ?");
      ASSERT_TRUE(row->bind(1, static_cast<std::int64_t>(id)).step().value_or(false));
      ready_ms = row->number(0);
    }
    switch_off();  // the WAL is empty now
    // A record of the index: the header's length, the types of rank, time (6 bytes) and key, then
    // their values.
    std::string time;
    for (int shift = 40; shift >= 0; shift -= 8) time += static_cast<char>(ready_ms >> shift & 255);
    const std::string before = read_file(file());
    std::size_t at = 5;
    do at = before.find(time, at + 1);
    while (at != std::string::npos && before.compare(at - 5, 3, "\x04\x01\x05") != 0);
    ASSERT_NE(at, std::string::npos);
    std::fstream(file(), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(static_cast<std::streamoff>(at - 3))
        .put(13);
    switch_on();
  }
};

TEST_F(OutboxReading, MissingStoreIsAnError) {
  EXPECT_FALSE(OutboxReader::open(directory() + "/no", 1, clock_, nullptr));
}

TEST_F(OutboxReading, AnotherSessionIsRefused) {
  const auto reader =
      OutboxReader::open(directory(), store_->session() + 1, clock_, store_->journaled());
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kRefused);
}

TEST_F(OutboxReading, TornBytesAreDamagedAndNotHandedOut) {
  queue({});
  const RowId torn = queue({.bytes = 10'000});
  queue({});
  tear(torn, 10'000);
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{1, 3}));
  EXPECT_EQ(reader().take_damaged(), std::vector<RowId>{torn});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{1, 3}));
  EXPECT_TRUE(reader().take_damaged().empty());  // said once
  CommitGroup damaged;
  damaged.damaged = {torn};
  commit(damaged);
  EXPECT_EQ(count("traffic", Fate::kQuarantined), 1);
}

TEST_F(OutboxReading, EmptyOutboxIsReadyForNothing) {
  EXPECT_TRUE(ready().empty());
  EXPECT_EQ(reader().next_ready_in_ms().value(), -1);
}

TEST_F(OutboxReading, RowComesAsItWasStored) {
  const RowId id = queue({.purpose = "emergency", .priority = 9, .essential = true, .bytes = 6000});
  const auto rows = ready();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].id, id);
  EXPECT_EQ(rows[0].purpose, "emergency");
  EXPECT_EQ(rows[0].shard, 7);
  EXPECT_TRUE(rows[0].essential);
  EXPECT_EQ(rows[0].priority, 9);
  EXPECT_EQ(rows[0].bytes, content(id, 6000));
}

TEST_F(OutboxReading, EssentialThenPriorityThenOldest) {
  const RowId low = queue({.priority = 0});
  const RowId high = queue({.priority = 9});
  const RowId essential = queue({.priority = 0, .essential = true});
  const RowId low_second = queue({.priority = 0});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{essential, high, low, low_second}));
}

TEST_F(OutboxReading, LiveBeforeBacklogWithinAPriority) {
  const RowId old_low = queue({.priority = 1});
  const RowId old_high = queue({.priority = 5});
  switch_off();
  switch_on();
  const RowId new_low = queue({.priority = 1});
  const RowId new_high = queue({.priority = 5});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{new_high, old_high, new_low, old_low}));
}

TEST_F(OutboxReading, FragmentsWaitForTheEndOfTheirSession) {
  const RowId fragment = queue({.fragment = true});
  EXPECT_TRUE(ready_ids().empty());
  switch_off();
  switch_on();
  EXPECT_EQ(ready_ids(), std::vector<RowId>{fragment});
}

TEST_F(OutboxReading, RowsWaitForTheirTime) {
  const RowId late = queue({.not_before_ms = clock_.monotonic_ms() + 60'000});
  const RowId now = queue({});
  EXPECT_EQ(ready_ids(), std::vector<RowId>{now});
  EXPECT_EQ(reader().next_ready_in_ms().value(), 60'000);
  clock_.advance_ms(59'999);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{now});
  clock_.advance_ms(1);
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{now, late}));
  EXPECT_EQ(reader().next_ready_in_ms().value(), -1);
}

// It was neither ready nor waiting then, and lay until the uploader looked without need: 30 s.
TEST_F(OutboxReading, ARowWhoseTimeComesBetweenTheTwoQuestionsIsNotMissed) {
  queue({.not_before_ms = clock_.monotonic_ms() + 100});
  EXPECT_TRUE(ready_ids().empty());
  clock_.advance_ms(100);
  EXPECT_EQ(reader().next_ready_in_ms().value(), 0);
  EXPECT_EQ(ready_ids().size(), 1U);
  EXPECT_EQ(reader().next_ready_in_ms().value(), -1);
}

// A unit that knew no time when it started.
TEST_F(OutboxReading, ARowWhoseTimeComesSinceTheStoresTimeJumpsIsNotMissed) {
  queue({.not_before_ms = clock_.monotonic_ms() + 60'000});
  EXPECT_TRUE(ready_ids().empty());
  clock_.set_wall_ms(clock_.wall_ms() + 3'600'000);
  commit({});
  EXPECT_EQ(reader().next_ready_in_ms().value(), 0);
  EXPECT_EQ(ready_ids().size(), 1U);
  EXPECT_EQ(reader().next_ready_in_ms().value(), -1);
}

// The uploader would look again at once, for ever.
TEST_F(OutboxReading, ATimeThatRottedInTheIndexIsNotWaitedFor) {
  const RowId rotted = queue({.not_before_ms = std::int64_t{1} << 33, .keep_hours = 10'000});
  rot_ready_time(rotted);
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(reader().next_ready_in_ms().value(), -1);
}

TEST_F(OutboxReading, WaitingRowsAreNotStuckAfterARestart) {
  clock_.advance_ms(10'000'000);
  const RowId late = queue({.not_before_ms = clock_.monotonic_ms() + 60'000});
  switch_off();
  switch_on();  // the monotonic clock starts anew
  EXPECT_TRUE(ready_ids().empty());
  EXPECT_EQ(reader().next_ready_in_ms().value(), 60'000);
  clock_.advance_ms(60'000);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{late});
}

TEST_F(OutboxReading, OutstandingRowsAreLeftOut) {
  std::vector<RowId> outstanding;
  for (int i = 0; i < 300; ++i) outstanding.push_back(queue({.bytes = 50}));
  const RowId next = queue({.bytes = 50});
  std::reverse(outstanding.begin(), outstanding.end());
  EXPECT_EQ(ready_ids(outstanding), std::vector<RowId>{next});
}

TEST_F(OutboxReading, RowsAndBytesAreBounded) {
  for (int i = 0; i < 10; ++i) queue({.bytes = 1000});
  EXPECT_EQ(ready({}, 4).size(), 4u);
  EXPECT_EQ(ready({}, 100, 3500).size(), 3u);
  EXPECT_EQ(ready({}, 100, 10).size(), 1u);  // at least one
  EXPECT_EQ(ready({}, 0, 10).size(), 0u);
}

TEST_F(OutboxReading, EveryRowIsHandedOutOnce) {
  const RowId rows = 60;
  for (RowId i = 0; i < rows; ++i) {
    if (i == rows / 2) {
      switch_off();
      switch_on();
    }
    RowSpec spec{.priority = static_cast<std::uint8_t>(i % 4), .essential = i % 7 == 0};
    if (i % 5 == 0) spec.not_before_ms = clock_.monotonic_ms() + 100;
    queue(spec);
  }
  clock_.advance_ms(1000);
  std::vector<RowId> seen;
  while (true) {
    const auto some = ready(seen, 7);
    if (some.empty()) break;
    for (const OutboxRow& row : some) seen.push_back(row.id);
  }
  EXPECT_EQ(seen.size(), rows);
  EXPECT_EQ(std::set<RowId>(seen.begin(), seen.end()).size(), rows);
}

// What the sanitizers watch: the uploader reads while the collector commits and cuts the WAL.
TEST_F(OutboxReading, ReaderAndWriterNeverFailEachOther) {
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::atomic<std::uint64_t> read = 0;
  std::thread uploader([this, &stop, &failures, &read] {
    auto reader = OutboxReader::open(directory(), store_->session(), clock_, store_->journaled());
    if (!reader) {
      ++failures;
      return;
    }
    while (!stop) {
      const auto rows = (*reader)->ready({}, 50, 1'000'000);
      if (!rows || !(*reader)->next_ready_in_ms() || !(*reader)->take_damaged().empty()) ++failures;
      else read += rows->size();
    }
  });
  std::vector<RowId> queued;
  for (int i = 0; i < 300; ++i) {
    queued.push_back(queue({.bytes = 30'000}));
    if (queued.size() == 20) deliver(std::exchange(queued, {}));
  }
  stop = true;
  uploader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(read, 0u);
}

TEST_F(OutboxReading, WithheldRowsComeOnceTheyAreNotWithheldAnyMore) {
  const RowId clip = queue({.purpose = "clips", .priority = 0});
  const RowId message = queue({});
  const auto ids = [this](const std::vector<std::string>& withheld) {
    std::vector<RowId> all;
    const auto rows = reader().ready({}, 100, 1'000'000, withheld);
    EXPECT_TRUE(rows);
    for (const OutboxRow& row : *rows) all.push_back(row.id);
    return all;
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ids({"clips"}), std::vector<RowId>{message});
  EXPECT_EQ(ids({}), (std::vector<RowId>{message, clip}));
  EXPECT_EQ(ids({"traffic"}), std::vector<RowId>{clip});
}

// Clips that wait for another network are thousands.
TEST_F(OutboxReading, MoreWithheldRowsThanAreRememberedAreNotHandedOut) {
  std::vector<Sealed> clips;
  for (int i = 0; i < 10'100; ++i) clips.push_back(sealed({.purpose = "clips", .bytes = 20}));
  commit(group(std::move(clips)));
  const RowId message = queue({});
  for (int look = 0; look < 2; ++look) {
    const auto rows = reader().ready({}, 100, 1'000'000, {"clips"});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().id, message);
  }
}

TEST_F(OutboxReading, TheSoonestOfAllUrgenciesIsWaitedFor) {
  const auto at = [this](std::int64_t ms) { return clock_.monotonic_ms() + ms; };
  queue({.priority = 5, .not_before_ms = at(700)});
  queue({.priority = 4, .not_before_ms = at(300)});
  queue({.priority = 3, .not_before_ms = at(900)});
  EXPECT_EQ(reader().next_ready_in_ms(), 300);
}

TEST_F(OutboxReading, WithoutAJournalTheTablesAreAll) {
  const RowId id = queue({});
  const auto reader = OutboxReader::open(directory(), store_->session(), clock_, nullptr);
  ASSERT_TRUE(reader);
  const auto rows = (*reader)->ready({}, 10, 1'000'000);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().id, id);
  EXPECT_EQ((*reader)->next_ready_in_ms(), -1);
  EXPECT_TRUE((*reader)->ready({}, 0, 1'000'000)->empty());
}

TEST_F(OutboxReading, AStoreThatLostItsBooksIsOfNoSession) {
  ASSERT_NE(store_->session(), 0);
  auto database = Database::open(file(), DatabaseAccess::kReadWrite);
  ASSERT_TRUE(database->run("DELETE FROM meta"));
  const auto reader = OutboxReader::open(directory(), store_->session(), clock_, nullptr);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kRefused);
}

}  // namespace
}  // namespace sudare::testkit
