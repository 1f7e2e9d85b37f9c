// What the disk does to the journal's file: it says no, does a part, or has lost a sector.
#include <gtest/gtest.h>
#include <sodium.h>

#include <cerrno>
#include <vector>

#include "gateway/store/journal.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/unit/store/faulty_disk.h"

namespace sudare::testkit {
namespace {

constexpr std::uint64_t kStore = 17;
constexpr std::uint64_t kBytes = 64 * kJournalBlockBytes;
constexpr const char* kPath = "/car/outbox.journal";

class JournalFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_GE(sodium_init(), 0);
    ASSERT_TRUE(memory_.make_directory("/car"));
  }
  Result<Journal> open(std::uint64_t bytes = kBytes) { return Journal::open("/car", bytes, disk_); }
  Error error_of_open() {
    const auto journal = open();
    EXPECT_FALSE(journal);
    return journal ? Error{ErrorCode::kInternal, "opened"} : journal.error();
  }
  static v1::JournalEntry entry(std::uint64_t sequence, std::size_t bytes = 100) {
    v1::JournalEntry entry;
    entry.set_sequence(sequence);
    entry.set_store(kStore);
    entry.add_rows()->set_bytes(std::string(bytes, 'x'));
    return entry;
  }
  // A file of `count` entries of one block.
  void write_entries(std::uint64_t count) {
    auto journal = open();
    ASSERT_TRUE(journal);
    for (std::uint64_t i = 1; i <= count; ++i) ASSERT_TRUE(journal->append(entry(i)));
  }
  static std::vector<std::uint64_t> sequences(Journal& journal) {
    std::uint64_t damaged = 0;
    const auto entries = journal.read_after(kStore, 0, damaged);
    std::vector<std::uint64_t> found;
    if (!entries) return found;
    for (const v1::JournalEntry& one : *entries) found.push_back(one.sequence());
    return found;
  }

  faults::FakeDisk memory_{1};
  FaultyDisk disk_{memory_};
};

TEST_F(JournalFaults, AFileThatCannotBeOpenedOrMeasuredOrSyncedIsAnError) {
  for (const DiskCall call : {DiskCall::kOpen, DiskCall::kSize, DiskCall::kSync}) {
    for (const auto& [error, code] :
         {std::pair(EACCES, ErrorCode::kIo), std::pair(ENOSPC, ErrorCode::kFull),
          std::pair(EDQUOT, ErrorCode::kFull)}) {
      static_cast<void>(memory_.remove(kPath));
      disk_.fail(call, error);
      const Error found = error_of_open();
      EXPECT_EQ(found.code, code);
      EXPECT_EQ(found.detail, error);
    }
  }
}

TEST_F(JournalFaults, OnAFullDiskItIsAsLongAsItIs) {
  ASSERT_TRUE(open(4 * kJournalBlockBytes));
  disk_.fail(DiskCall::kWrite, ENOSPC);
  auto journal = open();
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->bytes(), 4 * kJournalBlockBytes);
  EXPECT_TRUE(journal->append(entry(1)));
}

TEST_F(JournalFaults, AnInterruptedCallIsMadeAgain) {
  auto journal = open();
  disk_.fail(DiskCall::kWrite, EINTR, 1, 3);
  ASSERT_TRUE(journal->append(entry(1)));
  disk_.fail(DiskCall::kRead, EINTR, 1, 3);
  EXPECT_EQ(sequences(*journal), std::vector<std::uint64_t>{1});
}

TEST_F(JournalFaults, WhatIsWrittenInPartsIsWrittenWhole) {
  auto journal = open();
  disk_.set_bytes_max(kJournalBlockBytes + 100);
  ASSERT_TRUE(journal->append(entry(1, 20'000)));
  disk_.set_bytes_max(0);
  EXPECT_EQ(sequences(*journal), std::vector<std::uint64_t>{1});
}

TEST_F(JournalFaults, LessThanABlockMeansAFullDisk) {
  auto journal = open();
  disk_.set_bytes_max(kJournalBlockBytes - 1);
  const Status appended = journal->append(entry(1));
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::kFull);
  EXPECT_EQ(journal->used_bytes(), 0U);
}

TEST_F(JournalFaults, AnEntryThatCouldNotBeWrittenOrSyncedIsOverwrittenByTheNext) {
  for (const DiskCall call : {DiskCall::kWrite, DiskCall::kSync}) {
    auto journal = open();
    disk_.fail(call, EIO);
    const Status appended = journal->append(entry(1));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, ErrorCode::kIo);
    EXPECT_EQ(appended.error().detail, EIO);
    ASSERT_TRUE(journal->append(entry(2)));
    EXPECT_EQ(sequences(*journal), std::vector<std::uint64_t>{2});
  }
}

// Maybe of an old entry: it must not keep the unit from starting.
TEST_F(JournalFaults, ALostSectorCostsItsOwnEntryOnly) {
  write_entries(20);
  auto journal = open();
  disk_.lose(5 * kJournalBlockBytes + 512, 5 * kJournalBlockBytes + 1024);
  std::uint64_t damaged = 0;
  const auto entries = journal->read_after(kStore, 0, damaged);
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->size(), 19U);
  EXPECT_EQ(damaged, 1U);
  EXPECT_EQ(entries->at(5).sequence(), 7U);
}

TEST_F(JournalFaults, AnyOtherErrorOfAReadIsOne) {
  write_entries(3);
  auto journal = open();
  disk_.fail(DiskCall::kRead, EBADF);
  std::uint64_t damaged = 0;
  const auto entries = journal->read_after(kStore, 0, damaged);
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().code, ErrorCode::kIo);
  EXPECT_EQ(entries.error().detail, EBADF);
}

TEST_F(JournalFaults, AFileThatBecameShorterIsReadToItsEnd) {
  write_entries(20);
  auto journal = open();
  memory_.file(kPath)->resize(6 * kJournalBlockBytes);
  EXPECT_EQ(sequences(*journal).size(), 6U);
}

TEST_F(JournalFaults, BlocksWithTheMarkAndNoEntryAreNone) {
  write_entries(3);
  std::string& bytes = memory_.file(kPath)->now;
  bytes.replace(kJournalBlockBytes + 8, 8, std::string(8, '\xff'));  // a length past the file
  auto journal = open();
  EXPECT_EQ(sequences(*journal), (std::vector<std::uint64_t>{1, 3}));
  std::uint64_t damaged = 0;
  EXPECT_TRUE(journal_entries("sudare-j", kStore, 0, damaged).empty());  // shorter than a head
}

TEST_F(JournalFaults, WhatCouldNotBeErasedOrShortenedIsAnError) {
  write_entries(3);
  auto journal = open();
  disk_.fail(DiskCall::kWrite, EIO);
  EXPECT_EQ(journal->erase().error().code, ErrorCode::kIo);
  disk_.fail(DiskCall::kSync, EIO);
  EXPECT_EQ(journal->erase().error().code, ErrorCode::kIo);
  disk_.fail(DiskCall::kWrite, EIO);
  EXPECT_EQ(journal->shorten(0).error().code, ErrorCode::kIo);
  disk_.fail(DiskCall::kResize, EIO);
  EXPECT_EQ(journal->shorten(4 * kJournalBlockBytes).error().code, ErrorCode::kIo);
  disk_.fail(DiskCall::kRemove, EROFS);
  EXPECT_EQ(journal->shorten(0).error().detail, EROFS);
  disk_.fail(DiskCall::kSyncDirectory, EIO);
  EXPECT_EQ(journal->shorten(0).error().detail, EIO);
}

TEST_F(JournalFaults, ShortenedToWhatItHasItStaysAsItIs) {
  write_entries(3);
  auto journal = open();
  ASSERT_TRUE(journal->shorten(kBytes));
  EXPECT_EQ(journal->bytes(), kBytes);
  EXPECT_EQ(journal->used_bytes(), 0U);
  ASSERT_TRUE(journal->shorten(4 * kJournalBlockBytes));
  EXPECT_EQ(memory_.bytes(kPath), 4 * kJournalBlockBytes);
  EXPECT_TRUE(sequences(*journal).empty());
}

}  // namespace
}  // namespace sudare::testkit
