#include "clip/run/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <utility>

#include "clip/run/read_report.h"
#include "clip/run/starter.h"

namespace sudare::clip {
namespace {

// posix_spawn's lists, destroyed on every way out.
class SpawnSetup {
 public:
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  // 0, or why not.
  int descriptors(int input, int output, int errors) {
    if (const int error = posix_spawn_file_actions_adddup2(&actions, input, 0)) return error;
    if (const int error = posix_spawn_file_actions_adddup2(&actions, output, 1)) return error;
    if (const int error = posix_spawn_file_actions_adddup2(&actions, errors, 2)) return error;
    return posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  }
  // The parent may ignore or block signals (SIGPIPE, SIGTERM); that would be inherited.
  int signals() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    return posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

// The kernel gives the lowest free number, and a parent without 0, 1 or 2 would get one of those,
// which the child's own then overwrite.
Result<OwnedFd> above_2(int number) {
  OwnedFd given(number);
  if (number > 2) return given;
  OwnedFd copy(fcntl(number, F_DUPFD_CLOEXEC, 3));
  if (!copy.open()) return fail(ErrorCode::kIo, "clip: no file descriptor", errno);
  return copy;
}

// A process's children are its own, whichever object started them.
struct LeftBehind {
  std::mutex mutex;
  std::vector<pid_t> processes;
};
LeftBehind& all_left_behind() {
  static LeftBehind all;
  return all;
}

Result<pid_t> spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    int input, int output, int errors) {
  SpawnSetup setup;
  int error = setup.descriptors(input, output, errors);
  if (error == 0) error = setup.signals();
  if (error != 0) return fail(ErrorCode::kIo, "clip: no process", error);

  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};

  pid_t process = -1;
  error = posix_spawn(&process, program.c_str(), &setup.actions, &setup.attributes, pointers.data(),
                      environment.data());
  if (error != 0) {
    return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                "clip: sudare-clip can't be started", error);
  }
  return process;
}

// It ended, or it is none of ours.
bool is_gone(pid_t process, int* status) {
  pid_t reaped = -1;
  do reaped = waitpid(process, status, WNOHANG);
  while (reaped < 0 && errno == EINTR);
  return reaped != 0;
}

}  // namespace

std::size_t reap_left_behind() {
  LeftBehind& all = all_left_behind();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.processes, [](pid_t process) { return is_gone(process, nullptr); });
  return all.processes.size();
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(ErrorCode::kIo, "clip: no pipe", errno);
  auto read_end = above_2(ends[0]);
  auto write_end = above_2(ends[1]);
  if (!read_end) return tl::unexpected<Error>(read_end.error());
  if (!write_end) return tl::unexpected<Error>(write_end.error());
  Pipe pipe{std::move(*read_end), std::move(*write_end)};
  if (fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
    return fail(ErrorCode::kIo, "clip: no pipe", errno);
  }
  return pipe;
}

Result<Child> Child::start(const Program& program, const std::vector<std::string>& arguments,
                           int input, int output) {
  if (reap_left_behind() >= kLeftBehindMax) {
    return fail(ErrorCode::kUnavailable, "clip: too many processes that do not end");
  }
  TRY(Pipe errors, make_pipe());
  Child child;
  TRY(child.pid_, program.starter != nullptr
                      ? program.starter->start(arguments, input, output, errors.write_end.get())
                      : spawn(program.path, arguments, input, output, errors.write_end.get()));
  child.errors_ = std::move(errors.read_end);
  return child;
}

Child::~Child() { leave_behind(); }

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      dying_(other.dying_),
      left_behind_(other.left_behind_),
      dying_since_ms_(other.dying_since_ms_),
      errors_(std::move(other.errors_)),
      line_(std::move(other.line_)),
      end_(other.end_) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    leave_behind();
    pid_ = std::exchange(other.pid_, -1);
    dying_ = other.dying_;
    left_behind_ = other.left_behind_;
    dying_since_ms_ = other.dying_since_ms_;
    errors_ = std::move(other.errors_);
    line_ = std::move(other.line_);
    end_ = other.end_;
  }
  return *this;
}

void Child::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  dying_ = true;
}

void Child::look_after(std::int64_t now_ms) {
  if (pid_ < 0) return;
  if (errors_.open()) read_errors();
  if (!dying_) return;
  if (dying_since_ms_ < 0) dying_since_ms_ = now_ms;
  reap();
  if (pid_ > 0 && now_ms - dying_since_ms_ >= kDyingMsMax) leave_behind();
}

void Child::read_errors() {
  std::array<char, 4096> buffer;
  while (errors_.open()) {
    const ssize_t count = ::read(errors_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count > 0) {
      // One byte more than a report may have is enough to know that it is none.
      const std::size_t room = kReportBytesMax + 1 - line_.size();
      line_.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
      continue;
    }
    // Its end, or a process that was taken over and closed the pipe: then it is killed. One that is
    // ending keeps its status.
    kill();
    errors_.reset();
  }
}

void Child::reap() {
  int status = -1;  // no exit status, where it is no child of ours
  if (!is_gone(pid_, &status)) return;
  end_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  // What it wrote before it was killed is there by now.
  if (errors_.open()) read_errors();
  end_.report = read_report(line_);
  if (end_.report && exit_of(*end_.report) != end_.status) end_.report.reset();
  pid_ = -1;
  dying_ = false;
  errors_.reset();
}

void Child::leave_behind() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  if (!is_gone(pid_, nullptr)) {
    LeftBehind& all = all_left_behind();
    const std::lock_guard lock(all.mutex);
    all.processes.push_back(pid_);
  }
  left_behind_ = true;
  pid_ = -1;
  dying_ = false;
  errors_.reset();
}

}  // namespace sudare::clip
