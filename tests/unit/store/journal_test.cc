// The journal's file: entries are whole or not there, and old ones are not taken for new ones.
#include "gateway/store/journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

constexpr std::uint64_t kStore = 0x1234'5678'9abc'def0;
constexpr std::uint64_t kBytes = 16 * kJournalBlockBytes;

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_GE(sodium_init(), 0); }

  [[nodiscard]] std::string path() const { return directory.path() / "outbox.journal"; }
  Journal open(std::uint64_t bytes = kBytes) {
    auto journal = Journal::open(directory.path(), bytes);
    EXPECT_TRUE(journal);
    return std::move(*journal);
  }
  static v1::JournalEntry entry(std::uint64_t sequence, std::size_t bytes = 100) {
    v1::JournalEntry entry;
    entry.set_sequence(sequence);
    entry.set_store(kStore);
    entry.add_rows()->set_bytes(std::string(bytes, static_cast<char>('a' + sequence % 26)));
    return entry;
  }
  static std::vector<std::uint64_t> sequences(Journal& journal, std::uint64_t after,
                                              std::uint64_t damaged_expected = 0) {
    std::uint64_t damaged = 0;
    const auto entries = journal.read_after(kStore, after, damaged);
    EXPECT_TRUE(entries);
    EXPECT_EQ(damaged, damaged_expected);
    std::vector<std::uint64_t> found;
    for (const v1::JournalEntry& one : *entries) found.push_back(one.sequence());
    return found;
  }
  void overwrite(std::size_t offset, std::string_view bytes) const {
    const int fd = ::open(path().c_str(), O_WRONLY);
    ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
              static_cast<ssize_t>(bytes.size()));
    close(fd);
  }

  testkit::TemporaryDirectory directory;
};

TEST_F(JournalTest, EntriesComeBackInOrder) {
  {
    Journal journal = open();
    for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(journal.append(entry(i, i * 3000)));
  }
  Journal journal = open();
  std::uint64_t damaged = 0;
  const auto entries = journal.read_after(kStore, 0, damaged);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[2].rows(0).bytes(), std::string(9000, 'd'));
  EXPECT_EQ(sequences(journal, 2), std::vector<std::uint64_t>{3});
}

TEST_F(JournalTest, OnlyItsUserMayReadItAndItKeepsItsSize) {
  Journal journal = open();
  struct stat found {};
  ASSERT_EQ(stat(path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  ASSERT_TRUE(journal.append(entry(1)));
  ASSERT_EQ(stat(path().c_str(), &found), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(found.st_size), kBytes);
}

TEST_F(JournalTest, WhatIsFullTakesNoMore) {
  Journal journal = open();
  for (std::uint64_t i = 1; i <= 16; ++i) ASSERT_TRUE(journal.append(entry(i)));
  EXPECT_FALSE(journal.has_room(1));
  EXPECT_EQ(journal.append(entry(17)).error().code, ErrorCode::kFull);
  EXPECT_EQ(sequences(journal, 0).size(), 16U);
}

TEST_F(JournalTest, OldEntriesBehindNewOnesAreNotRead) {
  Journal journal = open();
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(journal.append(entry(i)));
  journal.restart();
  ASSERT_TRUE(journal.append(entry(6)));
  EXPECT_EQ(sequences(journal, 5), std::vector<std::uint64_t>{6});
}

TEST_F(JournalTest, ATornEntryIsNoneAndHarmsNoOther) {
  const std::string torn = entry(2, 9000).SerializeAsString();
  for (const std::size_t cut : {1U, 20U, 4000U, 4096U, 8500U}) {
    {
      Journal journal = open();
      ASSERT_TRUE(journal.erase());
      ASSERT_TRUE(journal.append(entry(1)));
      ASSERT_TRUE(journal.append(entry(2, 9000)));
    }
    overwrite(kJournalBlockBytes + cut, std::string(3 * kJournalBlockBytes - cut, '\0'));
    Journal journal = open();
    EXPECT_EQ(sequences(journal, 0), std::vector<std::uint64_t>{1}) << cut;
  }
}

TEST_F(JournalTest, AnyFlippedBitIsNoticed) {
  Journal journal = open();
  ASSERT_TRUE(journal.append(entry(1, 300)));
  std::ifstream in(path(), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t at = 0; at < 340; ++at) {
    const std::string flipped(1, static_cast<char>(bytes[at] ^ 4));
    overwrite(at, flipped);
    // Where it hits the padding behind the entry, nothing is lost.
    const bool read = !sequences(journal, 0).empty();
    EXPECT_TRUE(!read || flipped == std::string(1, '\4')) << at;
    overwrite(at, bytes.substr(at, 1));
  }
  EXPECT_EQ(sequences(journal, 0).size(), 1U);
}

TEST_F(JournalTest, ADamagedEntryIsCountedAndThoseBehindItAreRead) {
  Journal journal = open();
  for (std::uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(journal.append(entry(i)));
  overwrite(kJournalBlockBytes + 50, "rot");
  EXPECT_EQ(sequences(journal, 0, 1), (std::vector<std::uint64_t>{1, 3, 4}));
}

TEST_F(JournalTest, ErasedMeansZeros) {
  Journal journal = open();
  ASSERT_TRUE(journal.append(entry(1, 20'000)));
  ASSERT_TRUE(journal.erase());
  std::ifstream in(path(), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(bytes, std::string(kBytes, '\0'));
  EXPECT_TRUE(sequences(journal, 0).empty());
}

TEST_F(JournalTest, GarbageIsNoEntry) {
  std::ofstream(path(), std::ios::binary) << std::string(kBytes, 'g');
  Journal journal = open();
  EXPECT_TRUE(sequences(journal, 0).empty());
  ASSERT_TRUE(journal.append(entry(1)));
  EXPECT_EQ(sequences(journal, 0).size(), 1U);
}

TEST_F(JournalTest, EntriesOfAnotherStoreAreNotPlayedBack) {
  Journal journal = open();
  v1::JournalEntry foreign = entry(1);
  foreign.set_store(kStore + 1);
  ASSERT_TRUE(journal.append(foreign));
  EXPECT_TRUE(sequences(journal, 0).empty());
}

TEST_F(JournalTest, OneOfAGreaterQuotaIsReadWhole) {
  {
    Journal journal = open();
    for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(journal.append(entry(i)));
  }
  Journal journal = open(4 * kJournalBlockBytes);
  EXPECT_EQ(sequences(journal, 0).size(), 10U);
}

}  // namespace
}  // namespace sudare
