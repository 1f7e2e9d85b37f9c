// The machine's own disk, where it says no.
#include "gateway/store/disk.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {
namespace {

TEST(RealDisk, WhatIsNotThereIsAnErrorThatSaysWhy) {
  for (const Disk::Open how : {Disk::Open::kNew, Disk::Open::kUsual, Disk::Open::kPastCache}) {
    errno = 0;
    EXPECT_EQ(real_disk().open("/no/such/directory/file", how), nullptr);
    EXPECT_EQ(errno, ENOENT);
  }
  EXPECT_FALSE(real_disk().sync_directory("/no/such/directory"));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_FALSE(real_disk().make_directory("/no/such/directory"));
  EXPECT_FALSE(real_disk().protect("/no/such/file"));
  EXPECT_FALSE(real_disk().remove("/no/such/file"));
  EXPECT_EQ(real_disk().bytes("/no/such/file"), 0U);
}

// `sudare doctor` writes nothing: it made the mark of an erasure anew that had just ended.
TEST(RealDisk, WhatIsOnlyReadIsNotMadeNorChanged) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "file";
  EXPECT_EQ(real_disk().open(path, Disk::Open::kThere), nullptr);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_EQ(real_disk().open(path, Disk::Open::kNew)->write("a", 1, 0), 1);
  const auto file = real_disk().open(path, Disk::Open::kThere);
  EXPECT_EQ(file->write("b", 1, 0), -1);
  char text = 0;
  EXPECT_EQ(file->read(&text, 1, 0), 1);
  EXPECT_EQ(text, 'a');
}

TEST(RealDisk, ALinkIsNotFollowed) {
  const TemporaryDirectory directory;
  const std::string link = directory.path() / "link";
  std::filesystem::create_symlink(directory.path() / "elsewhere", link);
  EXPECT_EQ(real_disk().open(link, Disk::Open::kUsual), nullptr);
  EXPECT_EQ(errno, ELOOP);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "elsewhere"));
}

TEST(RealDisk, ALockIsOneHolders) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "lock";
  auto first = real_disk().open(path, Disk::Open::kUsual);
  const auto second = real_disk().open(path, Disk::Open::kUsual);
  EXPECT_TRUE(first->lock());
  EXPECT_FALSE(second->lock());
  EXPECT_EQ(errno, EWOULDBLOCK);
  first.reset();
  EXPECT_TRUE(second->lock());
}

}  // namespace
}  // namespace sudare::testkit
