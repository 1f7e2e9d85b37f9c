// ClipRun over the real sudare-clip, and over programs that behave as one that was taken over.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "base/clock.h"
#include "clip/run/clip_run.h"
#include "fleet/cli/descriptor.h"
#include "tests/system/clip/clip_tools.h"

namespace sudare::clip_test {
namespace {

using clip::ClipResult;
using clip::ClipRun;
using clip::Options;

constexpr auto kLongest = std::chrono::seconds(20);

class RunTest : public ClipTest {
 protected:
  // A shell script in sudare-clip's place.
  std::string script(const std::string& text) const {
    const std::string name = write("program", "#!/bin/sh\n" + text + "\n");
    chmod(name.c_str(), 0700);
    return name;
  }
  // Pictures that do not get smaller: over 4 MB, more than the pipes hold.
  int large_clip() {
    ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=640x360:r=25,noise=alls=40:allf=t", "-t", "4", "-c:v",
            "mjpeg", "-q:v", "2", path("large.avi")});
    return opened("large.avi");
  }
  int opened(const std::string& name) {
    file_ = std::make_unique<Descriptor>(open(path(name).c_str(), O_RDONLY | O_CLOEXEC));
    return file_->get();
  }
  Result<ClipRun> start(const std::string& program, clip::Mode mode, int file,
                        std::chrono::milliseconds longest = kLongest) {
    Options options;
    options.mode = mode;
    options.profile = clip::Profile::kOriginalPicture;
    return ClipRun::start(program, options, file, longest, clock_);
  }

  SystemClock clock_;

 private:
  std::unique_ptr<Descriptor> file_;
};

std::string read_all(ClipRun& run) {
  std::vector<std::byte> buffer(1 << 16);
  std::string out;
  while (!run.ended()) {
    pollfd ready{run.descriptor(), POLLIN, 0};
    poll(&ready, 1, static_cast<int>(run.time_left().count()));
    const std::size_t count = run.read(buffer);
    out.append(reinterpret_cast<const char*>(buffer.data()), count);
  }
  return out;
}

// After what was killed had the time to end: two seconds at most.
bool has_children() {
  for (int i = 0; i < 400 && clip::reap_left_behind() > 0; ++i) usleep(5'000);
  return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

std::vector<pid_t> children_of(pid_t parent) {
  const std::string name = std::to_string(parent);
  std::istringstream text(testkit::read_file("/proc/" + name + "/task/" + name + "/children"));
  return {std::istream_iterator<pid_t>(text), {}};
}

// Gone, or dead and waiting for whoever inherited it.
bool is_dead(pid_t pid) {
  const std::string stat = testkit::read_file("/proc/" + std::to_string(pid) + "/stat");
  return stat.empty() || stat.substr(stat.rfind(')') + 2, 1) == "Z";
}

const std::string kClip = testkit::program("sudare-clip").string();

TEST_F(RunTest, GivesTheWholeClip) {
  auto run = start(kClip, clip::Mode::kMinimize, large_clip());
  ASSERT_TRUE(run);
  const std::string out = read_all(*run);
  EXPECT_TRUE(run->result().ok());
  EXPECT_EQ(run->result().worker.report->bytes, out.size());
  EXPECT_GT(out.size(), 4'000'000U);
  EXPECT_FALSE(has_children());
}

TEST_F(RunTest, TheFilesPositionStays) {
  const int file = large_clip();
  lseek(file, 7, SEEK_SET);
  auto run = start(kClip, clip::Mode::kMinimize, file);
  ASSERT_TRUE(run);
  read_all(*run);
  EXPECT_TRUE(run->result().ok());
  EXPECT_EQ(lseek(file, 0, SEEK_CUR), 7);
}

TEST_F(RunTest, NobodyIsLeftWhenItIsGivenUp) {
  {
    auto run = start(kClip, clip::Mode::kMinimize, large_clip());
    ASSERT_TRUE(run);
    std::vector<std::byte> buffer(4096);
    run->read(buffer);
  }
  EXPECT_FALSE(has_children());
}

TEST_F(RunTest, WhatTakesTooLongIsKilled) {
  write("clip", "x");
  auto run = start(script("exec sleep 60"), clip::Mode::kMinimize, opened("clip"),
                   std::chrono::milliseconds(100));
  ASSERT_TRUE(run);
  read_all(*run);
  EXPECT_TRUE(run->result().timed_out);
  EXPECT_FALSE(run->result().ok());
  EXPECT_FALSE(has_children());
}

TEST_F(RunTest, ClosingItsPipesDoesNotKeepAProcess) {
  write("clip", "x");
  auto run = start(script("exec >&- 2>&-; exec sleep 60"), clip::Mode::kInspect, opened("clip"));
  ASSERT_TRUE(run);
  read_all(*run);
  EXPECT_TRUE(run->result().crashed);
  EXPECT_EQ(run->result().worker.status, 128 + SIGKILL);
}

TEST_F(RunTest, WithoutAReportItCrashed) {
  write("clip", "x");
  auto run = start(script("exit 0"), clip::Mode::kMinimize, opened("clip"));
  ASSERT_TRUE(run);
  read_all(*run);
  EXPECT_TRUE(run->result().crashed);
  EXPECT_FALSE(run->result().ok());
}

TEST_F(RunTest, AReportThatDoesNotFitTheStatusIsNone) {
  write("clip", "x");
  clip::Report report;
  report.outcome = clip::Outcome::kOk;
  std::string line = clip::to_line(report);
  line.pop_back();
  auto run = start(script("echo '" + line + "' >&2; exit 3"), clip::Mode::kInspect, opened("clip"));
  ASSERT_TRUE(run);
  read_all(*run);
  EXPECT_TRUE(run->result().crashed);
}

TEST_F(RunTest, GivesThreeDescriptorsAndNoEnvironment) {
  write("clip", "x");
  // No pipeline: the shell itself would have a descriptor of it for a moment.
  auto run = start(script("ls /proc/$$/fd\nwc -c < /proc/$$/environ"), clip::Mode::kInspect,
                   opened("clip"));
  ASSERT_TRUE(run);
  // The shell keeps its script open, as 10 or 255.
  EXPECT_THAT(read_all(*run), testing::AnyOf("0\n1\n10\n2\n0\n", "0\n1\n2\n255\n0\n"));
}

TEST_F(RunTest, AProgramThatIsNotThereIsSaid) {
  write("clip", "x");
  const auto run = start(path("nothing"), clip::Mode::kInspect, opened("clip"));
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(has_children());
}

TEST_F(RunTest, EndsWithItsParent) {
  const int file = large_clip();
  const pid_t parent = fork();
  if (parent == 0) {
    auto run = start(kClip, clip::Mode::kMinimize, file);
    pause();  // nobody reads: both wait for room in their pipes
    _exit(run ? 0 : 1);
  }
  std::vector<pid_t> workers;
  ASSERT_TRUE(testkit::eventually([&] {
    workers = children_of(parent);
    return workers.size() == 2;
  }));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  for (const pid_t worker : workers) {
    EXPECT_TRUE(testkit::eventually([worker] { return is_dead(worker); }));
  }
}

}  // namespace
}  // namespace sudare::clip_test
