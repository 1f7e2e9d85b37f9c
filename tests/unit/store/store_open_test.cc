#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "gateway/store/database.h"
#include "gateway/store/schema.h"
#include "tests/unit/store/store_fixture.h"

namespace sudare::testkit {
namespace {

class StoreOpen : public StoreTest {
 protected:
  void write_file(const std::string& text) const {
    std::filesystem::create_directory(directory());
    std::ofstream(file(), std::ios::binary) << text;
  }
  // Another program's or another release's file.
  void run_sql(const char* sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  void set_version(std::int64_t version) const {
    run_sql(("PRAGMA user_version = " + std::to_string(version)).c_str());
  }
  [[nodiscard]] std::int64_t read_number(Literal sql) const {
    auto database = Database::open(file(), DatabaseAccess::kReadOnly);
    if (!database) return -1;
    return database->read_number(sql).value_or(-1);
  }
  [[nodiscard]] static mode_t mode_of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777;
  }
};

TEST_F(StoreOpen, MissingParentIsAnError) {
  options_.directory += "/no/such";
  const Error error = error_of_open();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(error.detail, ENOENT);
}

TEST_F(StoreOpen, FileInPlaceOfTheDirectoryIsAnError) {
  std::ofstream(options_.directory) << "x";
  const Error error = error_of_open();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(error.detail, ENOTDIR);
}

TEST_F(StoreOpen, DirectoryInPlaceOfTheFileIsAnError) {
  std::filesystem::create_directories(file() + "/x");
  EXPECT_EQ(error_of_open().code, ErrorCode::kIo);
}

TEST_F(StoreOpen, UnwritableDirectoryIsAnError) {
  std::filesystem::create_directory(directory());
  std::filesystem::permissions(directory(), std::filesystem::perms{0500});
  std::filesystem::permissions(root_.path(), std::filesystem::perms{0755});
  // Root may write anywhere: a child becomes nobody.
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && (chown(directory().c_str(), kNobody, kNobody) != 0 ||
                           setresuid(kNobody, kNobody, kNobody) != 0)) {
      _exit(2);
    }
    const auto store = Store::open(options_, clock_);
    const bool refused =
        !store && store.error().code == ErrorCode::kIo && store.error().detail == EACCES;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(StoreOpen, QuotaThatCanHoldNothingIsRefused) {
  options_.quota_bytes = kQuotaBytesMin - 1;
  options_.essential_reserve_bytes = 0;
  EXPECT_EQ(error_of_open().code, ErrorCode::kRefused);
}

TEST_F(StoreOpen, ReserveOverHalfTheQuotaIsRefused) {
  options_.essential_reserve_bytes = options_.quota_bytes / 2 + 1;
  EXPECT_EQ(error_of_open().code, ErrorCode::kRefused);
}

TEST_F(StoreOpen, JournalOfOverAQuarterOfTheQuotaIsRefused) {
  options_.journal_bytes = options_.quota_bytes / 4 + 1;
  EXPECT_EQ(error_of_open().code, ErrorCode::kRefused);
}

TEST_F(StoreOpen, GarbageIsNotOverwritten) {
  const std::string garbage(8192, 'g');
  write_file(garbage);
  EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed);
  EXPECT_EQ(std::filesystem::file_size(file()), garbage.size());
}

TEST_F(StoreOpen, AnotherProgramsDatabaseIsRefused) {
  std::filesystem::create_directory(directory());
  run_sql("CREATE TABLE songs(name TEXT)");
  EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed);
}

TEST_F(StoreOpen, NewerVersionIsRefused) {
  open();
  switch_off();
  for (const std::int64_t version :
       {file_version(kSchemaVersion + 1, kSchemaVersion + 1), kSchemaVersion + 1}) {
    set_version(version);
    const Error error = error_of_open();
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_EQ(error.detail, kSchemaVersion + 1);
  }
}

// A unit that was updated rolls back: what the newer program added is there when it comes again.
TEST_F(StoreOpen, NewerVersionThatSaysSoIsGoneOnWith) {
  open();
  queue({});
  switch_off();
  const std::int64_t newer = file_version(kSchemaVersion + 1, kSchemaVersion);
  set_version(newer);
  run_sql(
      "CREATE TABLE later(one INTEGER) STRICT; INSERT INTO later VALUES (7);"
      "ALTER TABLE outbox ADD COLUMN later INTEGER NOT NULL DEFAULT 3");
  switch_on();
  EXPECT_EQ(store_->status().rows, 1U);
  queue({});
  switch_off();
  EXPECT_EQ(read_number("PRAGMA user_version"), newer);
  EXPECT_EQ(read_number("SELECT one FROM later"), 7);
  EXPECT_EQ(read_number("SELECT count(*) FROM outbox WHERE later = 3"), 2);
}

TEST_F(StoreOpen, AVersionThatNeverWasIsRefused) {
  open();
  switch_off();
  set_version(0);
  EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed);
}

// Found by `torn-rows`.
TEST_F(StoreOpen, ANumberThatRottedToAnOlderVersionIsDamage) {
  for (const int version : {1, 2}) {
    open();
    switch_off();
    set_version(version);
    EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed) << version;
    set_version(kSchemaVersion);
  }
}

// Byte 47 of the header is the number of SQLite's schema format.
TEST_F(StoreOpen, ASchemaFormatThatSQLiteDoesNotKnowIsDamage) {
  open();
  switch_off();
  std::fstream in_file(file(), std::ios::in | std::ios::out | std::ios::binary);
  in_file.seekp(47).put('\x44').flush();
  EXPECT_EQ(error_of_open().code, ErrorCode::kMalformed);
}

// Version 4 counted 28 reasons.
TEST_F(StoreOpen, TheVersionBeforeIsMigratedAndKeepsItsRows) {
  open();
  queue({});
  CommitGroup rejected;
  rejected.account.take("traffic", Fate::kRejected, Reason::kTooFarAhead, 3);
  commit(rejected);
  switch_off();
  run_sql("UPDATE account SET reasons = substr(reasons, 1, 28 * 8)");
  set_version(file_version(4, 4));
  switch_on();
  EXPECT_EQ(store_->status().rows, 1U);
  EXPECT_EQ(store_->account().purposes.at("traffic").by_reason.at(
                static_cast<std::size_t>(Reason::kTooFarAhead)),
            3U);
  switch_off();
  EXPECT_EQ(read_number("PRAGMA user_version"), file_version(kSchemaVersion, kSchemaReadableFrom));
}

TEST_F(StoreOpen, OneOfVersion3IsMigrated) {
  open();
  queue({});
  switch_off();
  set_version(3);  // it has the same tables
  switch_on();
  EXPECT_EQ(store_->status().rows, 1U);
  switch_off();
  EXPECT_EQ(read_number("PRAGMA user_version"), file_version(kSchemaVersion, kSchemaReadableFrom));
}

TEST_F(StoreOpen, SecondOpenerIsRefused) {
  open();
  const Error error = error_of_open();
  EXPECT_EQ(error.code, ErrorCode::kRefused);
  EXPECT_EQ(error.detail, EWOULDBLOCK);
}

TEST_F(StoreOpen, SecondProcessIsRefused) {
  open();
  const pid_t child = fork();
  if (child == 0) {
    const auto store = Store::open(options_, clock_);
    _exit(!store && store.error().code == ErrorCode::kRefused ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  queue({});  // and the first goes on
}

TEST_F(StoreOpen, LockEndsWithTheStore) {
  open();
  switch_off();
  switch_on();
}

TEST_F(StoreOpen, EmptyFileBecomesAStore) {
  write_file("");  // a power cut right after the file was made
  open();
  queue({});
}

TEST_F(StoreOpen, NobodyElseMayRead) {
  const mode_t before = umask(0);
  open();
  queue({});
  EXPECT_EQ(mode_of(directory()), 0700u);
  for (const char* name : {"/outbox.db", "/outbox.db-wal", "/outbox.db-shm", "/lock"}) {
    EXPECT_EQ(mode_of(directory() + name), 0600u) << name;
  }
  umask(before);
}

TEST_F(StoreOpen, LaxFileModesAreTightened) {
  open();
  switch_off();
  chmod(file().c_str(), 0644);
  switch_on();
  EXPECT_EQ(mode_of(file()), 0600u);
}

}  // namespace
}  // namespace sudare::testkit
