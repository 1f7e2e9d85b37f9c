// The process that starts sudare-clip for a gateway that may execute nothing.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "clip/run/child.h"
#include "clip/run/starter.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::clip {
namespace {

class StarterTest : public testing::Test {
 protected:
  // A shell script in sudare-clip's place.
  std::string script(const std::string& text) const {
    const std::string name = directory_.path() / "program";
    std::ofstream(name) << "#!/bin/sh\n" << text << "\n";
    chmod(name.c_str(), 0700);
    return name;
  }
  void begin(const std::string& program) {
    auto starter = Starter::fork(program);
    ASSERT_TRUE(starter.has_value());
    starter_ = std::move(*starter);
  }
  Result<pid_t> start(const std::vector<std::string>& arguments) {
    return starter_->start(arguments, pipe_.read_end.get(), pipe_.write_end.get(),
                           pipe_.write_end.get());
  }
  // What the process wrote until it and all copies of the pipe's end are gone.
  std::string written() {
    pipe_.write_end.reset();
    std::string text;
    std::array<char, 4096> buffer{};
    testkit::eventually([&] {
      const ssize_t count = ::read(pipe_.read_end.get(), buffer.data(), buffer.size());
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
      return count == 0;
    });
    return text;
  }
  pid_t starters_process() const {
    std::istringstream children(
        testkit::read_file("/proc/self/task/" + std::to_string(getpid()) + "/children"));
    pid_t process = -1;
    children >> process;
    return process;
  }

  testkit::TemporaryDirectory directory_;
  Pipe pipe_ = std::move(*make_pipe());
  std::unique_ptr<Starter> starter_;
};

TEST_F(StarterTest, WhatItStartsIsOurChildWithThreeDescriptorsAndNoEnvironment) {
  begin(script("echo \"$*\"; ls /proc/self/fd | tr '\\n' ' '; echo \"${HOME-none}\"; exit 7"));
  const auto process = start({"minimize", "--x"});
  ASSERT_TRUE(process.has_value());
  int status = 0;
  ASSERT_EQ(waitpid(*process, &status, 0), *process) << "a child of this process";
  EXPECT_EQ(WEXITSTATUS(status), 7);
  // 3 is the directory that ls reads.
  EXPECT_EQ(written(), "minimize --x\n0 1 2 3 none\n");
}

TEST_F(StarterTest, AProgramThatIsNotThereIsSaid) {
  begin(directory_.path() / "nothing");
  const auto process = start({});
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().code, ErrorCode::kNotFound);
}

TEST_F(StarterTest, TooLongARequestIsRefusedAndTheNextOneWorks) {
  begin(script("exit 3"));
  EXPECT_EQ(start({std::string(kStarterBytesMax, 'x')}).error().code, ErrorCode::kTooLarge);
  const auto process = start({});
  ASSERT_TRUE(process.has_value());
  int status = 0;
  waitpid(*process, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 3);
}

TEST_F(StarterTest, AStarterThatIsGoneIsAnErrorAndNoHang) {
  begin(script("exit 3"));
  const pid_t process = starters_process();
  ASSERT_GT(process, 1);
  kill(process, SIGKILL);
  EXPECT_EQ(start({}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(start({}).error().code, ErrorCode::kUnavailable);
}

TEST_F(StarterTest, ItEndsWithItsOwner) {
  begin(script("exit 3"));
  const pid_t process = starters_process();
  ASSERT_GT(process, 1);
  EXPECT_EQ(kill(process, 0), 0);
  starter_.reset();
  EXPECT_NE(kill(process, 0), 0);
}

}  // namespace
}  // namespace sudare::clip
