// The sandbox, from inside: a child enters it, tries one thing, and the parent sees how it ended.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>

#include "base/sandbox/landlock.h"
#include "clip/sandbox.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kMemory = std::size_t{64} << 20;

struct End {
  int signal = 0;  // that ended the child
  int status = -1;
};

End end_of(const std::function<int()>& child) {
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return {WTERMSIG(status), -1};
  return {0, WEXITSTATUS(status)};
}

// How a process ends that enters the sandbox and then does this. 99: no sandbox.
End sandboxed(SandboxInput input, const std::function<int()>& act, std::size_t memory = kMemory) {
  return end_of([&] {
    if (!enter_sandbox({input, memory, 1})) return 99;
    return act();
  });
}

LandlockVersion landlock_alone() {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  auto landlock = Landlock::create();
  const auto version = landlock ? landlock->enforce() : fail(ErrorCode::kIo, "none");
  return version ? *version : 0;
}

bool has_landlock() {
  return end_of([] { return landlock_alone() > 0 ? 0 : 1; }).status == 0;
}

TEST(ClipSandbox, MakingASocketKills) {
  EXPECT_EQ(sandboxed(SandboxInput::kFile, [] { return socket(AF_INET, SOCK_STREAM, 0); }).signal,
            SIGSYS);
}

TEST(ClipSandbox, ExecutingAProgramKills) {
  EXPECT_EQ(
      sandboxed(SandboxInput::kFile, [] { return execl("/bin/true", "true", nullptr); }).signal,
      SIGSYS);
}

TEST(ClipSandbox, ForkingKills) {
  EXPECT_EQ(sandboxed(SandboxInput::kFile, [] { return static_cast<int>(fork()); }).signal, SIGSYS);
}

TEST(ClipSandbox, SignallingAnotherProcessKills) {
  EXPECT_EQ(sandboxed(SandboxInput::kFile, [] { return kill(getppid(), 0); }).signal, SIGSYS);
}

TEST(ClipSandbox, MappingMemoryThatCanBeExecutedKills) {
  const auto map = [] {
    mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return 0;
  };
  EXPECT_EQ(sandboxed(SandboxInput::kFile, map).signal, SIGSYS);
}

TEST(ClipSandbox, MakingMemoryExecutableKills) {
  const auto change = [] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(page, 4096, PROT_READ | PROT_EXEC);
  };
  EXPECT_EQ(sandboxed(SandboxInput::kFile, change).signal, SIGSYS);
}

TEST(ClipSandbox, WritingElsewhereThanOneAndTwoKills) {
  EXPECT_EQ(
      sandboxed(SandboxInput::kFile, [] { return static_cast<int>(write(0, "x", 1)); }).signal,
      SIGSYS);
}

TEST(ClipSandbox, AStreamCantBeReadBackwards) {
  const auto seek = [] { return static_cast<int>(lseek(0, 0, SEEK_SET)); };
  EXPECT_EQ(sandboxed(SandboxInput::kStream, seek).signal, SIGSYS);
  EXPECT_EQ(sandboxed(SandboxInput::kFile, seek).signal, 0);
}

TEST(ClipSandbox, DescriptorsAboveTwoAreClosed) {
  const int kept = dup(0);
  ASSERT_GT(kept, 2);
  const auto closed = [kept] {
    // Reading from another descriptor than 0 would kill: fstat and the like too. mmap may be asked.
    const void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, kept, 0);
    return page == MAP_FAILED && errno == EBADF ? 0 : 1;
  };
  EXPECT_EQ(sandboxed(SandboxInput::kFile, closed).status, 0);
  close(kept);
}

TEST(ClipSandbox, WorkGoesOn) {
  const auto work = [] {
    const std::string text(1 << 20, 'x');
    return text.back() == 'x' ? 7 : 0;
  };
  EXPECT_EQ(sandboxed(SandboxInput::kStream, work).status, 7);
}

#if !defined(SUDARE_SANITIZED)  // a sanitizer opens files, reserves terabytes and maps as it counts
TEST(ClipSandbox, OpeningAFileKills) {
  EXPECT_EQ(sandboxed(SandboxInput::kFile, [] { return open("/dev/null", O_RDONLY); }).signal,
            SIGSYS);
}

TEST(ClipSandbox, MemoryEndsAtItsLimit) {
  const auto map = [](std::size_t bytes) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
  };
  const auto try_both = [&] { return (map(kMemory / 2) ? 1 : 0) + (map(kMemory) ? 2 : 0); };
  EXPECT_EQ(sandboxed(SandboxInput::kFile, try_both).status, 1);
}

TEST(ClipSandbox, ProcessorTimeEndsAtItsLimit) {
  const auto spin = []() -> int {
    std::atomic<int> turns = 0;
    while (true) ++turns;
  };
  EXPECT_EQ(sandboxed(SandboxInput::kStream, spin).signal, SIGKILL);
}
#endif

TEST(ClipSandbox, NoFileIsOpened) {
  const End end =
      sandboxed(SandboxInput::kFile, [] { return open("/dev/null", O_RDONLY) < 0 ? 0 : 1; });
  EXPECT_NE(end.status, 1);
}

TEST(ClipSandbox, LandlockAloneForbidsTheFileSystem) {
  if (!has_landlock()) GTEST_SKIP() << "not run: this kernel has no Landlock";
  const End end = end_of([] {
    if (landlock_alone() == 0) return 99;
    return open("/etc/hostname", O_RDONLY) < 0 && errno == EACCES ? 0 : 1;
  });
  EXPECT_EQ(end.status, 0);
}

}  // namespace
}  // namespace sudare::clip
