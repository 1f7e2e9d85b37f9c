// A unit's end of life.
#include "fleet/provision/erase.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "fleet/provision/provision.h"
#include "gateway/store/journal.h"
#include "gateway/store/state_directory.h"
#include "gateway/store/store.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/testkit/writes_refused.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class EraseTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    ProvisionOptions options;
    options.state_directory = state().string();
    options.identity = {"JTDKB20U793012345", "", ""};
    options.authorities = {age::open_side::Identity::generate().recipient()};
    ASSERT_TRUE(provision(options, clock_,
                          [](const std::vector<std::string>&) -> Status { return Done{}; }));
  }
  [[nodiscard]] fs::path state() const { return directory_.path() / "state"; }
  // As a gateway leaves it that was killed.
  void write_journal() const {
    fs::remove(state() / "outbox.journal");
    auto journal = Journal::open(state().string(), 4 * kJournalBlockBytes);
    ASSERT_TRUE(journal);
    v1::JournalEntry entry;
    entry.set_store(1);
    entry.set_sequence(1);
    ASSERT_TRUE(journal->append(entry));
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(state())) {
      found.push_back(entry.path().filename());
    }
    return found;
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
};

TEST_F(EraseTest, AStateInUseIsLeftAsItIs) {
  const auto store = Store::open({state().string(), 1 << 20, 0}, clock_);
  ASSERT_TRUE(store);
  const auto done = erase_state(state().string());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kRefused);
  EXPECT_TRUE((*store)->states("epochs")->size() > 0);
}

TEST_F(EraseTest, FilesOfOthersAreNamedAndStay) {
  std::ofstream(state() / "notes") << "mine";
  const auto done = erase_state(state().string());
  ASSERT_TRUE(done);
  EXPECT_THAT(done->left, ElementsAre("notes"));
  EXPECT_THAT(names(), ElementsAre("notes"));
  EXPECT_EQ(testkit::read_file(state() / "notes"), "mine");
}

TEST_F(EraseTest, ADirectoryThatIsNotOursIsLeftAsItIs) {
  const fs::path other = directory_.path() / "other";
  fs::create_directories(other / "transfer");
  for (const char* name : {"lock", "outbox.db", "policy.last-valid", "transfer/outbox.db"}) {
    std::ofstream(other / name) << "mine";
  }
  const auto done = erase_state(other.string());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kMalformed);
  for (const char* name : {"lock", "outbox.db", "policy.last-valid", "transfer/outbox.db"}) {
    EXPECT_EQ(testkit::read_file(other / name), "mine") << name;
  }
  EXPECT_FALSE(fs::exists(other / "erasing"));
}

TEST_F(EraseTest, AnotherProgramsDatabaseIsNotOurs) {
  fs::remove(state() / "outbox.db");
  std::ofstream(state() / "outbox.db")
      << std::string("SQLite format 3\0", 16) << std::string(4080, 'x');
  std::ofstream(state() / "erasing") << "what I erase\n";
  write_journal();
  EXPECT_FALSE(erase_state(state().string()));
  EXPECT_EQ(testkit::read_file(state() / "erasing"), "what I erase\n");
}

TEST_F(EraseTest, ADirectoryThatIsMissingIsAnError) {
  const auto nowhere = erase_state((directory_.path() / "nowhere").string());
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(directory_.path() / "nowhere"));
}

TEST_F(EraseTest, OnlyExactNamesGo) {
  fs::create_directories(state() / "transfer");
  fs::create_directories(state() / "policy.last-valid.new");
  for (const char* name : {"ledger-2024.ods", "outbox.db.bak", "transfer/notes"}) {
    std::ofstream(state() / name) << "mine";
  }
  const auto done = erase_state(state().string());
  ASSERT_TRUE(done);
  EXPECT_THAT(done->left, ElementsAre("ledger-2024.ods", "outbox.db.bak", "policy.last-valid.new",
                                      "transfer/notes"));
  EXPECT_EQ(testkit::read_file(state() / "ledger-2024.ods"), "mine");
  EXPECT_EQ(testkit::read_file(state() / "outbox.db.bak"), "mine");
  EXPECT_EQ(testkit::read_file(state() / "transfer/notes"), "mine");
}

TEST_F(EraseTest, EverythingOfSudareGoes) {
  fs::create_directories(state() / "transfer");
  for (const char* name : {"policy.last-valid", "policy.last-valid.new", "outbox.db-wal",
                           "outbox.journal", "transfer/outbox.db"}) {
    std::ofstream(state() / name) << "something";
  }
  const auto done = erase_state(state().string());
  ASSERT_TRUE(done);
  EXPECT_EQ(done->removed, 6U);
  EXPECT_EQ(done->not_overwritten, 0U);
  EXPECT_THAT(names(), IsEmpty());
}

// The gateway was killed before its log was written back.
TEST_F(EraseTest, AStoreWhoseTablesAreInTheLogIsOurs) {
  const fs::path other = directory_.path() / "other";
  fs::create_directory(other);
  {
    const auto store = Store::open({(directory_.path() / "fresh").string(), 1 << 20, 0}, clock_);
    ASSERT_TRUE(store);
    fs::copy_file(directory_.path() / "fresh/outbox.db-wal", other / "outbox.db-wal");
  }
  std::ofstream(other / "outbox.db") << "";
  EXPECT_TRUE(erase_state(other.string()));
  EXPECT_TRUE(fs::is_empty(other));
}

// Its chains may still be read from the pages that did not rot.
TEST_F(EraseTest, AStoreWhoseFirstPageRottedIsKnownByItsJournal) {
  std::fstream(state() / "outbox.db", std::ios::in | std::ios::out) << std::string(512, 'x');
  std::ofstream(state() / "outbox.journal") << std::string(4096, '\0');
  EXPECT_FALSE(erase_state(state().string())) << "an empty journal says nothing";
  write_journal();
  EXPECT_TRUE(erase_state(state().string()));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(EraseTest, WhatIsLeftOfAStoreWithoutItsDatabaseIsErased) {
  fs::remove(state() / "outbox.db");
  EXPECT_FALSE(erase_state(state().string()));
  write_journal();
  EXPECT_TRUE(erase_state(state().string()));
  EXPECT_THAT(names(), IsEmpty());
}

// Freed, its blocks would keep the chains, and no later call would find them.
TEST_F(EraseTest, AStoreThatCannotBeOverwrittenKeepsItsNameAndIsAnError) {
  std::ofstream(state() / "erasing") << kErasingMark;
  {
    const testkit::WritesRefused refused;
    const auto done = erase_state(state().string());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kIo);
    EXPECT_EQ(done.error().detail, EFBIG);
  }
  EXPECT_TRUE(fs::exists(state() / "outbox.db"));
  EXPECT_TRUE(erase_state(state().string()));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(EraseTest, WhatHoldsNoChainsGoesAlsoWhereItCannotBeOverwrittenAndIsCounted) {
  std::ofstream(state() / "erasing") << kErasingMark;
  std::ofstream(state() / "policy.last-valid") << "a policy";
  fs::remove(state() / "outbox.db");
  const testkit::WritesRefused refused;
  const auto done = erase_state(state().string());
  ASSERT_TRUE(done);
  EXPECT_EQ(done->not_overwritten, 1U);
  EXPECT_THAT(names(), IsEmpty());
}

// Who has the file open, or the blocks of it, reads zeros.
TEST_F(EraseTest, WhatGoesIsOverwritten) {
  std::ifstream open_file(state() / "outbox.db", std::ios::binary);
  std::string bytes(16, '\0');
  ASSERT_TRUE(open_file.read(bytes.data(), 16));
  EXPECT_EQ(bytes.substr(0, 6), "SQLite");
  ASSERT_TRUE(erase_state(state().string()));
  open_file.seekg(0);
  std::string after(std::istreambuf_iterator<char>(open_file), {});
  ASSERT_GT(after.size(), 4096U);
  EXPECT_EQ(after.find_first_not_of('\0', 4096), std::string::npos);
}

TEST_F(EraseTest, AgainThereIsNothingToDo) {
  ASSERT_TRUE(erase_state(state().string()));
  const auto again = erase_state(state().string());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->removed, 0U);
  EXPECT_THAT(names(), IsEmpty());
}

// The store was overwritten when the power failed.
TEST_F(EraseTest, AnInterruptedOneIsCompleted) {
  std::ofstream(state() / "outbox.db") << std::string(4096, '\0');
  std::ofstream(state() / "erasing") << "sudare-erasing/1\n";
  std::ofstream(state() / "policy.last-valid") << "language: 1";
  const auto done = erase_state(state().string());
  ASSERT_TRUE(done);
  EXPECT_EQ(done->removed, 2U);
  EXPECT_THAT(names(), IsEmpty());
}

// A link is removed, and what it points to is not touched.
TEST_F(EraseTest, LinksAreNotFollowed) {
  const fs::path other = directory_.path() / "other";
  std::ofstream(other) << "mine";
  fs::create_symlink(other, state() / "policy.last-valid");
  ASSERT_TRUE(erase_state(state().string()));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(testkit::read_file(other), "mine");
}

}  // namespace
}  // namespace sudare
