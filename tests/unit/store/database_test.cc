// What SQLite says, in the store's words.
#include "gateway/store/database.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(path()).close();
    Database database = open();
    ASSERT_TRUE(database.run("PRAGMA journal_mode = WAL"));
    ASSERT_TRUE(database.run("CREATE TABLE one(name TEXT UNIQUE, value BLOB) STRICT"));
  }
  [[nodiscard]] std::string path() const { return (directory_.path() / "file.db").string(); }
  Database open(DatabaseAccess access = DatabaseAccess::kReadWrite) {
    auto database = Database::open(path(), access);
    EXPECT_TRUE(database);
    return std::move(*database);
  }
  static ErrorCode code_of(const Status& status) {
    EXPECT_FALSE(status);
    return status ? ErrorCode::kInternal : status.error().code;
  }
  TemporaryDirectory directory_;
};

TEST_F(DatabaseTest, AFileThatIsNotThereOrIsADirectoryIsAnError) {
  for (const std::string& name : {path() + "-no", directory_.path().string()}) {
    const auto database = Database::open(name, DatabaseAccess::kReadWrite);
    ASSERT_FALSE(database) << name;
    EXPECT_EQ(database.error().code, ErrorCode::kIo);
  }
}

TEST_F(DatabaseTest, AReaderDoesNotWrite) {
  Database reader = open(DatabaseAccess::kReadOnly);
  EXPECT_EQ(code_of(reader.run("INSERT INTO one VALUES ('a', x'')")), ErrorCode::kIo);
  EXPECT_EQ(reader.read_number("SELECT count(*) FROM one").value(), 0);
}

// SQLite takes such a name as a URI, in which these stand for something else.
TEST_F(DatabaseTest, AFileIsLookedAtWhateverItsNameAndStaysAsItWas) {
  const std::filesystem::path odd = directory_.path() / "50%20?mode=rwc#x.db";
  {
    Database database = open();
    ASSERT_TRUE(database.run("INSERT INTO one VALUES ('a', x'')"));
    Database beside = open(DatabaseAccess::kBeside);
    EXPECT_EQ(beside.read_number("SELECT count(*) FROM one").value(), 1);
  }
  std::filesystem::rename(path(), odd);
  auto unused = Database::open(odd.string(), DatabaseAccess::kUnused);
  ASSERT_TRUE(unused);
  EXPECT_EQ(unused->read_number("SELECT count(*) FROM one").value(), 1);
  EXPECT_FALSE(Database::open(path(), DatabaseAccess::kUnused));
  const auto entries = std::filesystem::directory_iterator(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(DatabaseTest, WhatAnotherOneHoldsIsUnavailableAndLaterIsNot) {
  Database first = open();
  Database second = open();
  ASSERT_TRUE(first.run("BEGIN IMMEDIATE"));
  EXPECT_TRUE(first.in_transaction());
  EXPECT_EQ(code_of(second.run("BEGIN IMMEDIATE")), ErrorCode::kUnavailable);
  EXPECT_FALSE(second.in_transaction());
  ASSERT_TRUE(first.run("COMMIT"));
  EXPECT_TRUE(second.run("BEGIN IMMEDIATE"));
}

TEST_F(DatabaseTest, ARowThatMayNotBeThereMeansDamage) {
  Database database = open();
  ASSERT_TRUE(database.run("INSERT INTO one VALUES ('a', x'')"));
  EXPECT_EQ(code_of(database.run("INSERT INTO one VALUES ('a', x'')")), ErrorCode::kMalformed);
}

// Found by `torn-rows`: a length that has rotted was an internal error, and no damage.
TEST_F(DatabaseTest, AValueLongerThanAnyMeansDamage) {
  Database database = open();
  EXPECT_EQ(code_of(database.run("SELECT zeroblob(2000000000)")), ErrorCode::kMalformed);
}

TEST_F(DatabaseTest, APageLimitIsAFullDisk) {
  Database database = open();
  ASSERT_TRUE(database.set_pragma("max_page_count", 4));
  const Status written = database.run("INSERT INTO one VALUES ('a', zeroblob(100000))");
  EXPECT_EQ(code_of(written), ErrorCode::kFull);
  EXPECT_EQ(written.error().detail, ENOSPC);
}

TEST_F(DatabaseTest, ATableThatIsNotThereMeansAnotherProgramsFile) {
  const Database database = open();
  const auto statement = Statement::prepare(database, "SELECT * FROM two");
  ASSERT_FALSE(statement);
  EXPECT_EQ(statement.error().code, ErrorCode::kMalformed);
}

TEST_F(DatabaseTest, ANumberThatIsNotThereIsNone) {
  Database database = open();
  EXPECT_FALSE(database.read_number("SELECT 1 WHERE 0"));
  EXPECT_FALSE(database.read_number("SELECT * FROM two"));
  EXPECT_FALSE(database.set_pragma("no such; pragma", 1));
}

TEST_F(DatabaseTest, AStatementIsRunToItsEnd) {
  const Database database = open();
  auto statement = Statement::prepare(database,
                                      "INSERT INTO one VALUES ('a', x''), ('b', x'')"
                                      " RETURNING name");
  ASSERT_TRUE(statement->run());
  auto count = Statement::prepare(database, "SELECT count(*) FROM one");
  ASSERT_TRUE(count->step().value());
  EXPECT_EQ(count->number(0), 2);
}

TEST_F(DatabaseTest, EmptyIsNotNullAndNullReadsAsEmpty) {
  Database database = open();
  auto insert = Statement::prepare(database, "INSERT INTO one VALUES (?, ?)");
  ASSERT_TRUE(insert->bind(1, std::string_view()).bind_bytes(2, std::string_view()).run());
  ASSERT_TRUE(insert->run());  // bound values are gone: NULL
  EXPECT_EQ(database.read_number("SELECT count(*) FROM one WHERE name = '' AND value = x''"), 1);
  auto read = Statement::prepare(database, "SELECT name, value FROM one ORDER BY name");
  for (int row = 0; row < 2; ++row) {
    ASSERT_TRUE(read->step().value());
    EXPECT_EQ(read->text(0), "");
    EXPECT_EQ(read->bytes(1), "");
  }
  EXPECT_FALSE(read->step().value());
}

TEST_F(DatabaseTest, ACheckpointReusesOrCutsTheLogUnlessAReaderIsInTheWay) {
  Database writer = open();
  ASSERT_TRUE(writer.run("INSERT INTO one VALUES ('a', x'01')"));
  EXPECT_GT(writer.wal_pages(), 0);
  {
    Database reader = open(DatabaseAccess::kReadOnly);
    ASSERT_TRUE(reader.run("BEGIN"));
    ASSERT_TRUE(reader.read_number("SELECT count(*) FROM one"));
    EXPECT_EQ(writer.checkpoint(Checkpoint::kWipe), false);
    EXPECT_EQ(writer.checkpoint(Checkpoint::kReuse), false);
  }
  EXPECT_EQ(writer.checkpoint(Checkpoint::kReuse), true);
  EXPECT_EQ(writer.wal_pages(), 0);
  EXPECT_GT(std::filesystem::file_size(path() + "-wal"), 0U);
  EXPECT_EQ(writer.checkpoint(Checkpoint::kWipe), true);
  EXPECT_EQ(writer.wal_pages(), 0);
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0U);
}

}  // namespace
}  // namespace sudare::testkit
