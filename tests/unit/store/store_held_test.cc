// Held rows: the first pieces of a clip that is not whole yet.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <random>
#include <utility>

#include "gateway/store/database.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

constexpr std::size_t kChunkBytes = 100'000;

class StoreHeld : public StoreTest {
 protected:
  [[nodiscard]] Sealed piece(std::size_t bytes = kChunkBytes, bool held = true) {
    RowSpec spec{.purpose = "clips", .priority = 0, .bytes = bytes};
    const Sealed row = sealed(spec);
    SealedMeta meta = row.meta();
    meta.held = held;
    return Sealed(SealStage::passkey(), meta, row.bytes());
  }
  CommitGroup held_group(std::size_t bytes = kChunkBytes) {
    CommitGroup group;
    group.add.push_back(piece(bytes));
    return group;
  }
  void hold(int pieces) {
    for (int i = 0; i < pieces; ++i) commit(held_group());
  }
  // The last piece, and with it all of them.
  void release(std::uint64_t pieces) {
    CommitGroup group = held_group();
    group.release_held = true;
    group.account.take("clips", Fate::kQueued, Reason::kNone, pieces);
    commit(group);
  }
  // The table's only page: the offsets of its three cells begin at byte 8 (SQLite's file format,
  // 1.6); the first and the last change places.
  void turn_keys_around() {
    auto database = Database::open(file(), DatabaseAccess::kReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("PRAGMA wal_checkpoint(TRUNCATE)"));
    const auto root = database->read_number("SELECT rootpage FROM sqlite_schema WHERE name='held'");
    const auto page_bytes = database->read_number("PRAGMA page_size");
    ASSERT_TRUE(root && page_bytes);
    std::fstream in_file(file(), std::ios::in | std::ios::out | std::ios::binary);
    std::array<char, 6> cells{};
    in_file.seekg((*root - 1) * *page_bytes + 8).read(cells.data(), cells.size());
    std::swap(cells[0], cells[4]);
    std::swap(cells[1], cells[5]);
    in_file.seekp((*root - 1) * *page_bytes + 8).write(cells.data(), cells.size());
    ASSERT_TRUE(in_file.flush());
  }
  void drop_all() {
    while (store_->status().held_rows > 0) {
      CommitGroup group;
      group.drop_held = true;
      commit(group);
    }
  }
};

TEST_F(StoreHeld, AreNotSentBeforeTheirClipIsWhole) {
  open();
  hold(2);
  EXPECT_TRUE(ready().empty());
  EXPECT_EQ(store_->status().held_rows, 2U);
  EXPECT_EQ(count("clips", Fate::kQueued), 0);
  release(3);
  EXPECT_EQ(ready().size(), 3U);
  EXPECT_EQ(store_->status().held_rows, 0U);
  EXPECT_EQ(count("clips", Fate::kQueued), 3);
}

TEST_F(StoreHeld, OthersAreSentMeanwhile) {
  open();
  hold(2);
  const RowId before = queue({});
  const RowId beside = queue({.purpose = "more", .priority = 0});
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{before, beside}));
}

TEST_F(StoreHeld, AreNotReleasedUnderAnAccountOfOtherRows) {
  open();
  hold(2);
  CommitGroup withdrawal;
  withdrawal.withdrawn = {"clips"};
  commit(withdrawal);
  CommitGroup group = held_group();
  group.release_held = true;
  group.account.take("clips", Fate::kQueued, Reason::kNone, 3);
  const auto done = store_->commit(group);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInternal);
  EXPECT_EQ(store_->status().rows, 0U);
  EXPECT_EQ(store_->account().total().taken, 0U);
}

TEST_F(StoreHeld, GoWithoutATrace) {
  open();
  hold(50);
  CommitGroup group;
  group.drop_held = true;
  commit(group);
  EXPECT_GT(store_->status().held_rows, 0U) << "one commit drops some of them";
  drop_all();
  EXPECT_EQ(store_->status().rows, 0U);
  EXPECT_EQ(store_->status().bytes, 0U);
  EXPECT_EQ(store_->account().total().taken, 0U);
  EXPECT_TRUE(missing("clips").empty());
}

TEST_F(StoreHeld, AreGoneAfterARestart) {
  open();
  queue({});
  hold(50);
  switch_off();
  switch_on();
  EXPECT_EQ(store_->status().held_rows, 0U);
  EXPECT_EQ(store_->status().rows, 1U);
  EXPECT_EQ(ready().size(), 1U);
  expect_books_agree();
}

// Found by `torn-rows`: a start that went on for ever.
TEST_F(StoreHeld, KeysThatAreNotWhereTheyBelongGoAndTheQueueStays) {
  open();
  const RowId queued = queue({});
  hold(3);
  switch_off();
  turn_keys_around();
  switch_on();
  EXPECT_EQ(store_->status().held_rows, 0U);
  EXPECT_EQ(store_->status().rows, 1U);
  EXPECT_EQ(ready_ids(), std::vector<RowId>{queued});
  expect_books_agree();
}

TEST_F(StoreHeld, AreNotExpired) {
  open();
  hold(1);
  clock_.advance_ms(100LL * 3'600'000);
  queue({});
  EXPECT_EQ(store_->status().held_rows, 1U);
  release(2);
  clock_.advance_ms(1000);
  commit({});
  EXPECT_EQ(count("clips", Fate::kExpired), 1) << "once released, they are like any other row";
}

TEST_F(StoreHeld, AWithdrawalTakesThemAlong) {
  open();
  const RowId earlier = queue({.purpose = "clips", .priority = 0});
  hold(3);
  CommitGroup group;
  group.withdrawn = {"clips"};
  commit(group);
  EXPECT_EQ(store_->status().rows, 0U);
  EXPECT_EQ(store_->status().held_rows, 0U);
  EXPECT_EQ(count("clips", Fate::kNotConsented), 1);
  ASSERT_EQ(missing("clips").size(), 1U);
  EXPECT_EQ(missing("clips")[0].records.count, 1U) << "of row " << earlier << " alone";
}

TEST_F(StoreHeld, AreNotEvicted) {
  options_.quota_bytes = 2 * kMiB;
  options_.essential_reserve_bytes = 0;
  open();
  const RowId first = queue({.purpose = "clips", .priority = 0, .bytes = 10'000});
  hold(5);
  for (int i = 0; i < 300 && count("traffic", Fate::kEvicted) < 5; ++i) queue({.bytes = 10'000});
  EXPECT_GE(count("traffic", Fate::kEvicted), 5);
  EXPECT_EQ(count("clips", Fate::kEvicted), 1) << "row " << first << " was no held row";
  EXPECT_EQ(store_->status().held_rows, 5U);
}

TEST_F(StoreHeld, EvictNothing) {
  options_.quota_bytes = 2 * kMiB;
  options_.essential_reserve_bytes = 0;
  open();
  for (int i = 0; i < 300 && count("traffic", Fate::kEvicted) == 0; ++i) queue({.bytes = 10'000});
  const StoreStatus before = store_->status();
  const auto full = store_->commit(held_group());
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kFull);
  EXPECT_EQ(store_->status().rows, before.rows);
  EXPECT_EQ(ready().size(), before.rows);
}

TEST_F(StoreHeld, OfAClipThatCanNotFitAreTooLarge) {
  options_.quota_bytes = 2 * kMiB;
  options_.essential_reserve_bytes = 0;
  open();
  for (int i = 0; i < 100; ++i) {
    const auto done = store_->commit(held_group());
    if (done) continue;
    EXPECT_EQ(done.error().code, ErrorCode::kTooLarge);
    return;
  }
  ADD_FAILURE() << "never full";
}

// --- an earlier release's file

TEST_F(StoreHeld, AFileOfVersion1IsMigrated) {
  open();
  const RowId row = queue({});
  const RowId fragment = queue({.fragment = true});
  switch_off();
  // As version 1 made it: without the table that version 2 adds, and the column of version 3.
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database,
                         "DROP TABLE held; ALTER TABLE meta DROP COLUMN journal_sequence;"
                         " ALTER TABLE meta DROP COLUMN store_id;"
                         " PRAGMA user_version = 1",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  switch_on();
  expect_books_agree();
  EXPECT_EQ(ready_ids(), (std::vector<RowId>{row, fragment}));
  hold(1);
  release(2);
  EXPECT_EQ(ready_ids().size(), 4U);
  switch_off();
  switch_on();
  EXPECT_EQ(store_->status().rows, 4U);
}

// --- killed between

// Clips of three pieces, one after the other, until it is killed.
void store_clips_forever(const StoreOptions& options, const Clock& clock, int pipe) {
  auto store = Store::open(options, clock);
  if (!store) _exit(3);
  for (std::uint64_t number = 0;; ++number) {
    CommitGroup group;
    SealedMeta meta;
    meta.id = (*store)->next_row_id();
    meta.purpose = "clips";
    meta.epoch_days = 28;
    meta.records = {number, 1};
    meta.held = true;
    group.add.emplace_back(SealStage::passkey(), meta, std::string(20'000, 'c'));
    if (number % 3 == 2) {
      group.release_held = true;
      group.account.take("clips", Fate::kQueued, Reason::kNone, 3);
    }
    const auto done = (*store)->commit(group);
    if (!done) _exit(4);
    const bool whole = number % 3 == 2;
    if (whole && write(pipe, &number, sizeof number) != sizeof number) _exit(5);
  }
}

TEST_F(StoreHeld, KilledBetweenAClipIsThereAsAWholeOrNotAtAll) {
  const std::uint32_t seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  options_.quota_bytes = 64 * kMiB;
  std::uint64_t said = 0;
  // A busy machine may be long about the first clip.
  for (unsigned i = 0; i < 40 || (said == 0 && i < 400); ++i) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) store_clips_forever(options_, clock_, ends[1]);
    close(ends[1]);
    usleep(static_cast<useconds_t>(random() % (30'000 * (1 + i / 40))));
    kill(child, SIGKILL);
    std::uint64_t number = 0;
    while (read(ends[0], &number, sizeof number) == sizeof number) said += 3;
    close(ends[0]);
    waitpid(child, nullptr, 0);
    open();
    expect_books_agree();
    EXPECT_EQ(store_->status().held_rows, 0U);
    const std::size_t rows = ready().size();
    EXPECT_EQ(rows % 3, 0U);
    EXPECT_GE(rows, said);
    EXPECT_EQ(store_->account().total().taken, rows);
    said = rows;
    switch_off();
  }
  EXPECT_GT(said, 0U);
}

}  // namespace
}  // namespace sudare::testkit
