// What a disk does to a store: it forgets what was not synced, and what it keeps rots. The faults
// of tests/faults/disk that were found in the store, by name.
#include <sqlite3.h>

#include "tests/faults/disk/fake_disk.h"
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

TEST_F(StoreDamage, ARowThatCouldNotBeDeletedIsNotSentForEver) {
  open();
  const RowId id = queue({});
  empty_index("outbox_id");
  EXPECT_TRUE(ready().empty());
  EXPECT_EQ(reader().take_damaged(), std::vector<RowId>{id});
}

}  // namespace
}  // namespace sudare::testkit
