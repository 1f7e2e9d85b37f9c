// Who holds a state directory, and what a disk that says no makes of it.
#include "gateway/store/state_directory.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/faults/disk/fake_disk.h"
#include "tests/unit/store/faulty_disk.h"

namespace sudare::testkit {
namespace {

constexpr const char* kDirectory = "/car/state";
constexpr const char* kLog = "/car/state/outbox.db-wal";

class StateDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(memory_.make_directory("/car")); }
  Error error_of_hold() {
    const auto held = StateDirectory::hold(kDirectory, disk_);
    EXPECT_FALSE(held);
    return held ? Error{ErrorCode::kInternal, "held"} : held.error();
  }
  Error error_of_secure_log() {
    const Status done = StateDirectory::secure_log(kDirectory, disk_);
    EXPECT_FALSE(done);
    return done ? Error{ErrorCode::kInternal, "done"} : done.error();
  }
  void write_log(const std::string& bytes) {
    const auto file = memory_.open(kLog, Disk::Open::kUsual);
    ASSERT_EQ(file->write(bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  faults::FakeDisk memory_{1};
  FaultyDisk disk_{memory_};
};

TEST_F(StateDirectoryTest, WhatCannotBeMadeIsAnErrorThatSaysWhy) {
  struct Case {
    DiskCall call;
    int number;
    int error;
    const char* what;
  };
  for (const Case& one :
       {Case{DiskCall::kMakeDirectory, 1, EROFS, "state directory: can't be created"},
        Case{DiskCall::kOpen, 1, EACCES, "state directory: the lock can't be created"},
        Case{DiskCall::kLock, 1, ENOLCK, "state directory: flock"},
        Case{DiskCall::kSyncDirectory, 1, EIO, "state directory: fsync"},
        Case{DiskCall::kOpen, 2, ENOSPC, "state directory: outbox.db can't be created"}}) {
    disk_.fail(one.call, one.error, one.number);
    const Error error = error_of_hold();
    EXPECT_EQ(error.code, ErrorCode::kIo);
    EXPECT_EQ(error.detail, one.error);
    EXPECT_EQ(error.what.view(), one.what);
  }
  EXPECT_TRUE(StateDirectory::hold(kDirectory, disk_));  // and none of it stays
}

// What was put into it now would be erased with the rest.
TEST_F(StateDirectoryTest, OneThatIsBeingErasedIsNotHeld) {
  ASSERT_TRUE(StateDirectory::hold(kDirectory, disk_));
  const std::string mark = std::string(kDirectory) + "/erasing";
  const auto write = [&](std::string_view text) {
    const auto file = memory_.open(mark, Disk::Open::kUsual);
    ASSERT_EQ(file->write(text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  };
  write("what I erase now\n");  // of the mark's length
  EXPECT_TRUE(StateDirectory::hold(kDirectory, disk_)) << "a file of others";
  write(kErasingMark);
  const Error error = error_of_hold();
  EXPECT_EQ(error.code, ErrorCode::kRefused);
  EXPECT_EQ(error.detail, 0);
  EXPECT_EQ(error.what.view(), "state directory: it is being erased");
  disk_.fail(DiskCall::kOpen, EACCES, 2);  // root erases, the gateway is another user
  EXPECT_EQ(error_of_hold().code, ErrorCode::kRefused);
}

TEST_F(StateDirectoryTest, WithoutLeaveToMakeAStoreNoneIsMade) {
  const auto none = StateDirectory::hold(kDirectory, disk_, false);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(memory_.file("/car/state/outbox.db"), nullptr);
  ASSERT_TRUE(StateDirectory::hold(kDirectory, disk_));
  EXPECT_FALSE(StateDirectory::hold(kDirectory, disk_, false)) << "an empty file";
  memory_.file("/car/state/outbox.db")->now = "x";
  EXPECT_TRUE(StateDirectory::hold(kDirectory, disk_, false));
}

TEST_F(StateDirectoryTest, ASecondHolderIsRefusedUntilTheFirstLetsGo) {
  {
    const auto held = StateDirectory::hold(kDirectory, disk_);
    ASSERT_TRUE(held);
    EXPECT_EQ(error_of_hold().code, ErrorCode::kRefused);
  }
  EXPECT_TRUE(StateDirectory::hold(kDirectory, disk_));
}

TEST_F(StateDirectoryTest, AFileThatOthersMayReadIsNotUsed) {
  ASSERT_TRUE(StateDirectory::hold(kDirectory, disk_));
  disk_.fail(DiskCall::kProtect, EPERM);
  const Error error = error_of_hold();
  EXPECT_EQ(error.what.view(), "state directory: outbox.db belongs to another user");
  EXPECT_EQ(error.detail, EPERM);
}

TEST_F(StateDirectoryTest, APathWithoutAParentIsInTheWorkingDirectory) {
  EXPECT_TRUE(StateDirectory::hold("state", disk_));
  EXPECT_NE(memory_.file("state/outbox.db"), nullptr);
}

TEST_F(StateDirectoryTest, ALogThatWasNotSyncedIsWrittenAgain) {
  EXPECT_TRUE(StateDirectory::secure_log(kDirectory, disk_)) << "none is there";
  const std::string bytes(200'000, 'w');
  write_log(bytes);
  memory_.file(kLog)->unsynced.clear();  // as if written back in vain
  ASSERT_EQ(memory_.file(kLog)->durable, "");
  ASSERT_TRUE(StateDirectory::secure_log(kDirectory, disk_));
  EXPECT_EQ(memory_.file(kLog)->durable, bytes);
}

TEST_F(StateDirectoryTest, ALogThatCannotBeWrittenAgainIsAnError) {
  write_log("frames");
  for (const DiskCall call :
       {DiskCall::kOpen, DiskCall::kRead, DiskCall::kWrite, DiskCall::kSync}) {
    disk_.fail(call, EIO);
    const Error error = error_of_secure_log();
    EXPECT_EQ(error.code, ErrorCode::kIo);
    EXPECT_EQ(error.detail, EIO);
  }
}

class InterruptedTransfer : public StateDirectoryTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(memory_.make_directory("/car"));
    for (const char* name : {kFormer, kFormerLog}) {
      const auto file = memory_.open(name, Disk::Open::kUsual);
      const std::string chains(100'000, 'k');
      ASSERT_GT(file->write(chains.data(), chains.size(), 0), 0);
      ASSERT_TRUE(file->sync());
    }
    memory_.keep_freed();
  }
  static constexpr const char* kFormer = "/car/state/transfer/outbox.db";
  static constexpr const char* kFormerLog = "/car/state/transfer/outbox.db-wal";
};

TEST_F(InterruptedTransfer, WhatCannotBeOverwrittenIsAnErrorAndStays) {
  for (const DiskCall call : {DiskCall::kOpen, DiskCall::kWrite, DiskCall::kSync}) {
    disk_.fail(call, EIO);
    EXPECT_EQ(StateDirectory::wipe_next_owner(kDirectory, disk_).error().code, ErrorCode::kIo);
    EXPECT_GT(memory_.bytes(kFormerLog), 0U);
  }
  EXPECT_GT(memory_.copies("kkkk"), 0U);
  EXPECT_TRUE(StateDirectory::wipe_next_owner(kDirectory, disk_));
}

TEST_F(InterruptedTransfer, WhatItLeftIsZerosBeforeItGoes) {
  EXPECT_TRUE(StateDirectory::wipe_next_owner(kDirectory, disk_));
  EXPECT_EQ(memory_.copies("k"), 0U);
  EXPECT_EQ(memory_.bytes(kFormer) + memory_.bytes(kFormerLog), 0U);
  EXPECT_TRUE(StateDirectory::wipe_next_owner(kDirectory, disk_));  // nothing is left to do
}

}  // namespace
}  // namespace sudare::testkit
