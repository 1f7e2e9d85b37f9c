// What a disk does to a store: it forgets what was not synced, and what it keeps rots. The faults
// of tests/faults/disk that were found in the store, by name.
#include <sqlite3.h>

#include <fstream>

#include "tests/faults/disk/fake_disk.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/store/statement_faults.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

// On a disk whose power fails, which keeps each unsynced name and sector by chance.
class StoreOnFakeDisk : public StoreTest {
 protected:
  ~StoreOnFakeDisk() override { switch_off(); }
  void use(std::uint64_t seed) {
    switch_off();
    disk_ = std::make_unique<faults::FakeDisk>(seed);
    options_.directory = "/car/state";
    options_.disk = disk_.get();
    next_id_ = 1;
    next_record_.clear();
  }
  // False: a step of it failed.
  bool starts() {
    auto store = Store::open(options_, clock_);
    if (store) store_ = std::move(*store);
    return store.has_value();
  }
  void kill() {
    disk_->stop();
    switch_off();
    disk_->start_after_kill();
  }
  void cut_power() {
    disk_->stop();
    switch_off();
    disk_->start_after_power_cut();
  }

  std::unique_ptr<faults::FakeDisk> disk_;
};

TEST_F(StoreOnFakeDisk, AStartMakesSureOfWhatAKilledOneMade) {
  for (std::uint64_t step = 1; step < 70; ++step) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      use(100 * step + seed);
      disk_->cut_power_in(step);
      static_cast<void>(starts());
      kill();
      ASSERT_TRUE(starts()) << step;
      queue({});
      cut_power();
      ASSERT_TRUE(starts()) << step;
      ASSERT_EQ(store_->status().rows, 1U) << "killed at step " << step << ", seed " << seed;
    }
  }
}

TEST_F(StoreOnFakeDisk, ACommitWhoseSyncFailedIsNotBuiltOnByTheNextProcess) {
  for (std::uint64_t step = 1; step < 40; ++step) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      use(100 * step + seed);
      ASSERT_TRUE(starts());
      queue({});
      std::vector<Sealed> rows;
      rows.push_back(sealed({}));
      disk_->fail_in(step);
      static_cast<void>(store_->commit(group(std::move(rows))));
      disk_->fail_in(0);
      kill();
      ASSERT_TRUE(starts());
      next_id_ = store_->next_row_id();
      queue({});
      const std::uint64_t queued = store_->status().rows;
      cut_power();
      ASSERT_TRUE(starts());
      ASSERT_EQ(store_->status().rows, queued) << "failed at step " << step << ", seed " << seed;
    }
  }
}

class StoreDamage : public StoreTest {
 protected:
  void run(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    char* error = nullptr;
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_close(database);
  }
  [[nodiscard]] std::int64_t count_of_queued() const {
    return store_->account().total().by_fate.at(static_cast<std::size_t>(Fate::kQueued));
  }
  // What `sql` makes of the table, this index does not know.
  void change_but_not_in(const std::string& index, const std::string& sql) {
    run("CREATE TABLE definition AS SELECT * FROM sqlite_schema WHERE name = '" + index +
        "'; PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '" + index + "';");
    run(sql + "; PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM definition;");
    run("DROP TABLE definition");
  }
  // The rows that are in the table are in this index no longer.
  void empty_index(const std::string& name) {
    const std::string columns =
        "key, fragment, ready_ms, expires_ms, purpose, shard, epoch_days, epoch, first_record,"
        " record_count, size, checksum, bytes";
    switch_off();
    run("CREATE TABLE kept AS SELECT " + columns +
        " FROM outbox; DELETE FROM outbox;"
        " CREATE TABLE definition AS SELECT * FROM sqlite_schema WHERE name = '" +
        name +
        "';"
        " PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '" +
        name + "';");
    run("INSERT INTO outbox(" + columns +
        ") SELECT * FROM kept;"
        " PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM definition;");
    run("DROP TABLE kept; DROP TABLE definition;");
    open();
  }
};

TEST_F(StoreDamage, AnAccountThatDoesNotAddUpIsCountedAnewFromTheRows) {
  open();
  queue({.records = 3});
  queue({.purpose = "diagnostics", .records = 4});
  switch_off();
  run("UPDATE account SET taken = taken + 1000000, fates = zeroblob(length(fates))"
      " WHERE purpose = 'traffic'");
  open();
  expect_books_agree();
  EXPECT_EQ(count("traffic", Fate::kQueued), 3);
  EXPECT_EQ(store_->account().total().taken, 7U);
  EXPECT_EQ(ready().size(), 2U);
}

TEST_F(StoreDamage, CountsThatCannotBeAreCountedAnew) {
  open();
  queue({.records = 3});
  queue({.purpose = "emergency", .essential = true, .records = 4});
  switch_off();
  const std::string before = std::to_string(8 * static_cast<int>(Fate::kQueued));
  const std::string after = std::to_string(8 * static_cast<int>(Fate::kQueued) + 9);
  for (const char* count : {"ffffffffffffff7f", "0000000000000080"}) {
    run("UPDATE account SET fates = CAST(substr(fates, 1, " + before + ") || x'" + count +
        "' || substr(fates, " + after + ") AS BLOB)");
    open();
    expect_books_agree();
    EXPECT_EQ(count_of_queued(), 7);
    switch_off();
  }
}

TEST_F(StoreDamage, TotalsThatAreNotTheAccountsAreCountedAnew) {
  open();
  queue({.records = 3});
  switch_off();
  run("UPDATE meta SET rows = 50, records = 99");
  open();
  expect_books_agree();
  EXPECT_EQ(store_->status().rows, 1U);
}

// Found by `torn-rows`: what the recount did not find, nobody had ever taken.
TEST_F(StoreDamage, RowsThatARecountMissesAreQuarantined) {
  open();
  queue({.records = 3});
  queue({.purpose = "diagnostics", .records = 4});
  switch_off();
  run("DELETE FROM outbox WHERE purpose = 'traffic'; UPDATE meta SET records = records - 3");
  open();
  expect_books_agree();
  EXPECT_EQ(count("traffic", Fate::kQuarantined), 3);
  EXPECT_EQ(count("diagnostics", Fate::kQueued), 4);
  EXPECT_EQ(store_->account().total().taken, 7U);
}

// Their sums are beyond 64 bits.
TEST_F(StoreDamage, ARowWithRottenCountsIsNotTheFilesDamage) {
  open();
  const RowId rotten = queue({.records = 3});
  queue({.purpose = "diagnostics", .records = 4});
  switch_off();
  run("UPDATE outbox SET size = 9223372036854775807, record_count = 9223372036854775807"
      " WHERE purpose = 'traffic'; UPDATE meta SET records = records + 1");
  open();
  EXPECT_TRUE(store_->account().adds_up());
  deliver({rotten});
  expect_books_agree();
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreDamage, AnAccountOfAnImpossibleSizeKeepsTheStoreShut) {
  open();
  queue({});
  switch_off();
  for (const char* column : {"fates", "reasons"}) {
    run("CREATE TABLE kept AS SELECT * FROM account");
    for (const int bytes : {9, 8000}) {
      run("UPDATE account SET " + std::string(column) + " = zeroblob(" + std::to_string(bytes) +
          ")");
      EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed) << column << " " << bytes;
    }
    run("DELETE FROM account; INSERT INTO account SELECT * FROM kept; DROP TABLE kept");
  }
  open();
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreDamage, AnIndexThatNamesARowThatIsGoneIsMendedByTheCommitThatMeetsIt) {
  open();
  const RowId gone = queue({.keep_hours = 1});
  const RowId kept = queue({.keep_hours = 2});
  switch_off();
  change_but_not_in("outbox_expires", "DELETE FROM outbox WHERE id = " + std::to_string(gone));
  switch_on(90 * 60'000);
  commit({});
  EXPECT_EQ(ready_ids(), std::vector<RowId>{kept});
}

// An emptied fragment that is none any more in the table: the start deletes it again and again.
// That it had vanished was no damage, and so not mended: the store did not open any more.
TEST_F(StoreDamage, AnIndexThatNamesAFragmentTwiceIsMendedByTheStart) {
  open();
  queue({.fragment = true});
  switch_off();
  change_but_not_in("outbox_open", "UPDATE outbox SET size = 0, bytes = x'', fragment = 0");
  open();
  const RowId next = queue({});
  EXPECT_EQ(ready_ids().back(), next);
}

// It used to fail every commit that deletes its carrier, for ever.
TEST_F(StoreDamage, AReportThatCannotBeReadIsDropped) {
  open();
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  std::vector<Sealed> rows;
  rows.push_back(sealed({}));
  const RowId carrier = rows.back().meta().id;
  CommitGroup report = group(std::move(rows));
  report.reported = missing("traffic");
  commit(report);
  switch_off();
  run("UPDATE state SET value = x'00' WHERE module = 'reports'");
  switch_on();
  deliver({carrier});
  expect_books_agree();
  EXPECT_EQ(store_->status().rows, 0U);
}

TEST_F(StoreDamage, AHeldKeyWithoutItsRowIsForgottenByTheNextDrop) {
  open();
  queue({});
  switch_off();
  run("INSERT INTO held VALUES (99)");
  switch_on();
  EXPECT_EQ(store_->held_rows(), 0U);
  CommitGroup drop;
  drop.drop_held = true;
  commit(drop);
  expect_books_agree();
  EXPECT_EQ(store_->status().rows, 1U);
}

TEST_F(StoreDamage, MissingRangesThatCannotBeReadAreForgotten) {
  open();
  CommitGroup damaged;
  damaged.damaged = {queue({.records = 4})};
  commit(damaged);
  switch_off();
  run("UPDATE missing SET ranges = x'0102'");
  switch_on();
  EXPECT_TRUE(store_->missing("traffic", 28, kEpoch).value().empty());
  CommitGroup more;
  more.damaged = {queue({.records = 4})};
  commit(more);
  EXPECT_EQ(store_->missing("traffic", 28, kEpoch)->size(), 1U);
}

TEST_F(StoreDamage, ManyDamagedRowsAreAllQuarantined) {
  constexpr std::size_t kRows = 1100;  // more than a reader remembers
  open();
  std::vector<Sealed> rows;
  for (std::size_t i = 0; i < kRows; ++i) rows.push_back(sealed({.bytes = 50}));
  commit(group(std::move(rows)));
  switch_off();
  run("UPDATE outbox SET checksum = zeroblob(16)");
  switch_on();
  for (int look = 0; look < 3 && store_->status().rows > 0; ++look) {
    EXPECT_TRUE(ready().empty());
    CommitGroup damaged;
    damaged.damaged = reader().take_damaged();
    EXPECT_FALSE(damaged.damaged.empty());
    commit(damaged);
  }
  EXPECT_EQ(count("traffic", Fate::kQuarantined), static_cast<std::int64_t>(kRows));
}

// Pages of a long row hang together in a chain.
TEST_F(StoreDamage, ATornChainOfPagesIsItsRowsDamageAlone) {
  open();
  const RowId torn = queue({.bytes = 100'000});
  const RowId whole = queue({});
  switch_off();
  // A page of the chain begins with the number of the next one, then has the row's bytes alone.
  const std::size_t end = read_file(file()).rfind(content(torn, 100'000).substr(0, 200));
  ASSERT_NE(end, std::string::npos);
  const std::size_t page = (end / 4096 - 3) * 4096;
  std::fstream(file(), std::ios::in | std::ios::out | std::ios::binary)
      .seekp(static_cast<std::streamoff>(page))
      .write("\x7f\xff\xff\xff", 4);
  switch_on();
  EXPECT_EQ(ready_ids(), std::vector<RowId>{whole});
  EXPECT_EQ(reader().take_damaged(), std::vector<RowId>{torn});
}

TEST_F(StoreDamage, TotalsThatNoStoreHasAreDamage) {
  for (const char* damage :
       {"store_ms = -9223372036854775807", "reference_store_ms = 9223372036854775807",
        "reference_wall_ms = -9223372036854775807", "session = 9223372036854775807",
        "next_id = -1"}) {
    open();
    switch_off();
    run("CREATE TABLE kept AS SELECT * FROM meta; UPDATE meta SET " + std::string(damage));
    EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed) << damage;
    run("DELETE FROM meta; INSERT INTO meta SELECT * FROM kept; DROP TABLE kept");
  }
}

TEST_F(StoreDamage, AnIndexThatLostARowIsMendedByTheCommitThatMeetsIt) {
  open();
  const RowId id = queue({});
  empty_index("outbox_expires");
  deliver({id});
  EXPECT_EQ(store_->status().rows, 0U);
  EXPECT_EQ(count("traffic", Fate::kDelivered), 1);
}

TEST_F(StoreDamage, AnIndexThatCannotBeMendedNowIsMendedByTheNextProcess) {
  StatementFaults faults;
  open();
  bool put_off = false;
  for (std::uint64_t question = 1; !put_off && question < 10; ++question) {
    CommitGroup delivery;
    delivery.delivered = {queue({})};
    empty_index("outbox_expires");
    faults.deny_in(question);
    const auto done = store_->commit(delivery);
    faults.none();
    if (!done) {
      EXPECT_EQ(store_->status().rows, 1U);
      put_off = done.error().code == ErrorCode::kMalformed;  // to mend was refused
      switch_off();
      open();
      deliver(delivery.delivered);
    }
    EXPECT_EQ(store_->status().rows, 0U) << question;
  }
  EXPECT_TRUE(put_off);
  switch_off();
}

TEST_F(StoreDamage, ARowThatCouldNotBeDeletedIsNotSentForEver) {
  open();
  const RowId id = queue({});
  empty_index("outbox_id");
  EXPECT_TRUE(ready().empty());
  EXPECT_EQ(reader().take_damaged(), std::vector<RowId>{id});
}

}  // namespace
}  // namespace sudare::testkit
