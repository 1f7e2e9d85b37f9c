#include "crypto/open/key_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testkit/temporary_directory.h"

namespace sudare::age::open_side {
namespace {

// Test keys may lie in a string: they are nobody's.
std::string text_of_key(const Identity& identity) {
  return std::string(text_of(identity.encode().bytes()));
}

ErrorCode code_of(const Result<std::vector<Identity>>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(KeyFileTest, CommentsEmptyLinesAndSeveralIdentitiesAreRead) {
  const Identity first = Identity::generate();
  const Identity second = Identity::generate();
  const auto read = parse_key_file(
      bytes_of("# created: today\n\n" + text_of_key(first) + "\r\n#\n" + text_of_key(second)));
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].recipient(), first.recipient());
  EXPECT_EQ((*read)[1].recipient(), second.recipient());
}

TEST(KeyFileTest, TheErrorNamesTheLine) {
  const auto read = parse_key_file(bytes_of("# one\n\nAGE-SECRET-KEY-1NONSENSE\n"));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(read.error().detail, 3);
}

TEST(KeyFileTest, AFileWithoutIdentityIsMalformed) {
  EXPECT_EQ(code_of(parse_key_file(bytes_of(""))), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(parse_key_file(bytes_of("# only this\n"))), ErrorCode::kMalformed);
}

TEST(KeyFileTest, IdentitiesAreCounted) {
  std::string text;
  for (std::size_t i = 0; i <= kKeyFileIdentitiesMax; ++i) {
    text += text_of_key(Identity::generate()) + "\n";
  }
  EXPECT_EQ(code_of(parse_key_file(bytes_of(text))), ErrorCode::kTooLarge);
}

TEST(KeyFileTest, WhatIsWrittenIsReadFromPathAndPipe) {
  const Identity made = Identity::generate();
  const testkit::TemporaryDirectory directory;
  const auto path = directory.path() / "key";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  ASSERT_TRUE(write_key_file(file, made).has_value());
  close(file);
  const auto from_path = read_key_file(path);
  ASSERT_TRUE(from_path.has_value());
  EXPECT_EQ(from_path->front().recipient(), made.recipient());

  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_TRUE(write_key_file(ends[1], made).has_value());
  close(ends[1]);
  const auto from_pipe = read_key_file(ends[0]);
  close(ends[0]);
  ASSERT_TRUE(from_pipe.has_value());
  EXPECT_EQ(from_pipe->front().recipient(), made.recipient());
}

TEST(KeyFileTest, MissingAndOversizedFilesAreToldApart) {
  const testkit::TemporaryDirectory directory;
  EXPECT_EQ(code_of(read_key_file(directory.path() / "none")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(read_key_file(directory.path())), ErrorCode::kIo);
  std::ofstream(directory.path() / "large") << std::string(kKeyFileBytesMax + 1, '#');
  EXPECT_EQ(code_of(read_key_file(directory.path() / "large")), ErrorCode::kTooLarge);
  std::ofstream(directory.path() / "fits") << std::string(kKeyFileBytesMax, '#');
  EXPECT_EQ(code_of(read_key_file(directory.path() / "fits")), ErrorCode::kMalformed);
}

TEST(KeyFileTest, AnUnreadablePathIsNotAMissingOne) {
  const testkit::TemporaryDirectory directory;
  std::filesystem::create_symlink("loop", directory.path() / "loop");
  const auto read = read_key_file(directory.path() / "loop");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
  EXPECT_EQ(read.error().detail, ELOOP);
}

TEST(KeyFileTest, AFullDiskIsAnError) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const Status written = write_key_file(full, Identity::generate());
  close(full);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(written.error().detail, ENOSPC);
}

// The comment still fits, and is not taken for a key file that was written.
TEST(KeyFileTest, ATargetThatFillsUpBeforeTheKeyIsAnError) {
  const Identity identity = Identity::generate();
  const std::size_t comment = ("# public key: " + identity.recipient().to_string() + "\n").size();
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
  const int room = fcntl(ends[1], F_SETPIPE_SZ, 4096);
  ASSERT_GT(room, 0);
  const std::string before(static_cast<std::size_t>(room) - comment - 10, 'x');
  ASSERT_EQ(write(ends[1], before.data(), before.size()), static_cast<ssize_t>(before.size()));
  const Status written = write_key_file(ends[1], identity);
  close(ends[0]);
  close(ends[1]);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(written.error().detail, EAGAIN);
}

}  // namespace
}  // namespace sudare::age::open_side
