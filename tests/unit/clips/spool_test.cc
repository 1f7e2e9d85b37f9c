// The spool directory, with a real one.
#include "gateway/clips/spool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() { fs::create_directory(path()); }
  [[nodiscard]] fs::path path() const { return root.path() / "spool"; }
  void write(const std::string& name, const std::string& content = "film") const {
    std::ofstream(path() / name, std::ios::binary) << content;
  }
  // Whether there was anything to read.
  bool tend() {
    pollfd wanted{spool.fd(), POLLIN, 0};
    poll(&wanted, 1, 100);
    return spool.tend();
  }
  [[nodiscard]] bool knows(const std::string& name) const { return spool.files().contains(name); }
  ErrorCode code_of_open(const std::string& name) {
    const auto opened = spool.open(name);
    return opened ? ErrorCode::kInternal : opened.error().code;
  }

  testkit::TemporaryDirectory root;
  testkit::ManualClock clock;
  std::set<std::string> settled;
  Spool spool{path().string(), clock, [this](const std::string& name, const FileState&, bool) {
                return settled.contains(name) ? Standing::kSettled : Standing::kOther;
              }};
};

TEST_F(SpoolTest, KnowsWhatWasThereAndWhatComes) {
  write("before");
  EXPECT_TRUE(tend());
  EXPECT_TRUE(knows("before"));
  write("after");
  EXPECT_TRUE(tend());
  EXPECT_TRUE(knows("after"));
  EXPECT_FALSE(tend());
}

TEST_F(SpoolTest, ARenamedFileIsThereUnderItsNewNameOnly) {
  tend();
  write("a.part");
  fs::rename(path() / "a.part", path() / "a.mp4");
  tend();
  EXPECT_FALSE(knows("a.part"));
  EXPECT_TRUE(knows("a.mp4"));
  fs::rename(path() / "a.mp4", root.path() / "elsewhere");
  EXPECT_TRUE(tend());
  EXPECT_FALSE(knows("a.mp4"));
}

TEST_F(SpoolTest, OnlyRegularFilesOfTheDirectoryItself) {
  fs::create_directory(path() / "folder");
  write("folder/inside");
  write("file");
  fs::create_symlink(path() / "file", path() / "link");
  ASSERT_EQ(mkfifo((path() / "fifo").c_str(), 0600), 0);
  tend();
  EXPECT_EQ(spool.files().size(), 1U);
  fs::remove(path() / "file");
  fs::create_symlink("/etc/passwd", path() / "file");
  EXPECT_EQ(code_of_open("file"), ErrorCode::kNotFound) << "what took its place is not followed";
}

TEST_F(SpoolTest, AFileThatIsBeingWrittenIsNotOpened) {
  write("a", "first part");
  const int writer = open((path() / "a").c_str(), O_WRONLY | O_APPEND);
  ASSERT_GE(writer, 0);
  tend();
  EXPECT_EQ(code_of_open("a"), ErrorCode::kUnavailable);
  EXPECT_GT(spool.files().at("a").not_before_ms, clock.monotonic_ms());
  ASSERT_EQ(::write(writer, "!", 1), 1);
  close(writer);
  EXPECT_TRUE(tend());
  EXPECT_LE(spool.files().at("a").not_before_ms, clock.monotonic_ms()) << "the close tells";
  EXPECT_TRUE(spool.open("a"));
}

TEST_F(SpoolTest, ReadingLeavesTheTimeOfAccessAlone) {
  write("a");
  tend();
  const auto opened = spool.open("a");
  ASSERT_TRUE(opened);
  EXPECT_NE(fcntl(opened->file.get(), F_GETFL) & O_NOATIME, 0);
}

TEST_F(SpoolTest, SeesThatAFileChanged) {
  write("a");
  tend();
  const auto opened = spool.open("a");
  ASSERT_TRUE(opened);
  EXPECT_TRUE(Spool::unchanged(*opened));
  write("a", "another film");
  EXPECT_FALSE(Spool::unchanged(*opened));
}

TEST_F(SpoolTest, DeletesOnlyWhatItKnew) {
  write("a");
  tend();
  const FileState state = spool.open("a")->state;
  write("a", "another film");
  const Status other = spool.remove("a", state);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kUnavailable);
  tend();
  EXPECT_TRUE(spool.remove("a", spool.open("a")->state));
  EXPECT_FALSE(fs::exists(path() / "a"));
}

TEST_F(SpoolTest, ASettledFileIsForgottenUntilItIsAnother) {
  write("a");
  settled.insert("a");
  tend();
  EXPECT_FALSE(knows("a"));
  settled.clear();
  write("a", "another film");
  EXPECT_TRUE(tend());
  EXPECT_TRUE(knows("a"));
}

TEST_F(SpoolTest, ADirectoryThatComesLaterIsFound) {
  fs::remove_all(path());
  EXPECT_FALSE(tend());
  EXPECT_EQ(spool.fd(), -1);
  EXPECT_FALSE(spool.there());
  fs::create_directory(path());
  write("a");
  clock.advance_ms(10'000);
  EXPECT_TRUE(tend());
  EXPECT_TRUE(knows("a"));
  EXPECT_TRUE(spool.there());
}

TEST_F(SpoolTest, ADirectoryInItsPlaceIsLookedThrough) {
  write("a");
  tend();
  fs::rename(path(), root.path() / "before");
  fs::create_directory(path());
  write("b");
  tend();
  clock.advance_ms(10'000);
  tend();
  EXPECT_FALSE(knows("a"));
  EXPECT_TRUE(knows("b"));
}

TEST_F(SpoolTest, ADirectoryThatGoesTakesItsFilesAlong) {
  write("a");
  tend();
  fs::remove_all(path());
  EXPECT_TRUE(tend());
  EXPECT_TRUE(spool.files().empty());
  EXPECT_FALSE(spool.there());
}

TEST_F(SpoolTest, WhatTheKernelCouldNotTellIsLookedFor) {
  tend();
  std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
  int events = 0;
  limit >> events;
  if (events <= 0 || events > 100'000) GTEST_SKIP() << "not run: the queue is too long to fill";
  write("kept");
  // Two events a file, of which none is read.
  for (int i = 0; i < events / 2 + 10; ++i) {
    const std::string name = std::to_string(i);
    write(name);
    fs::remove(path() / name);
  }
  write("last");
  EXPECT_TRUE(tend());
  EXPECT_TRUE(knows("kept"));
  EXPECT_TRUE(knows("last"));
  EXPECT_EQ(spool.files().size(), 2U);
}

TEST_F(SpoolTest, TheNumberOfFilesIsBounded) {
  for (std::size_t i = 0; i < kSpoolFilesMax + 5; ++i) write(std::to_string(i));
  tend();
  EXPECT_EQ(spool.files().size(), kSpoolFilesMax);
  for (int i = 0; i < 10; ++i) {
    fs::remove(path() / spool.files().rbegin()->first);
    tend();
  }
  clock.advance_ms(10'000);
  spool.tend();
  EXPECT_EQ(spool.files().size(), kSpoolFilesMax + 5 - 10);
}

}  // namespace
}  // namespace sudare
