#include "sim/process/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "sim/process/spawn.h"
#include "sim/process/wait.h"

namespace sudare::sim {

namespace {

// A tool's output and a log's tail are read whole.
constexpr std::size_t kOutputBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kTailBytes = 1500;
constexpr std::int64_t kToolMsMax = 60'000;

// In the child: only async-signal-safe calls from here to exec.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  // A group of its own: Ctrl-C reaches the simulator alone, which ends its children in order.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

}  // namespace

Parsed<Child> Child::start(const std::vector<std::string>& arguments,
                           const std::filesystem::path& output) {
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return input_error(output, 0, std::strerror(errno));
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork_for_exec();
  if (pid == 0) become(pointers.data(), file, parent);
  close(file);
  if (pid < 0) return input_error({}, 0, arguments.front() + ": " + std::strerror(errno));
  return Child(pid, output);
}

Child::~Child() { stop(2500); }

void Child::signal(int number) {
  if (running()) kill(pid_, number);
}

bool Child::reap(int options) {
  int status = 0;
  if (pid_ < 0) return true;
  if (waitpid(pid_, &status, options) != pid_) return false;
  pid_ = -1;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return true;
}

bool Child::running() { return !reap(WNOHANG); }

int Child::stop(std::int64_t ms_max) {
  if (!running()) return status_;
  kill(pid_, SIGTERM);
  const SystemClock clock;
  const std::int64_t until_ms = clock.monotonic_ms() + ms_max;
  while (running() && clock.monotonic_ms() < until_ms) sleep_ms(10);
  if (running()) {
    kill(pid_, SIGKILL);
    reap(0);
  }
  return status_;
}

Parsed<std::string> run_tool(const std::vector<std::string>& arguments,
                             const std::filesystem::path& output) {
  std::error_code ignored;
  std::filesystem::remove(output, ignored);
  auto child = Child::start(arguments, output);
  if (!child) return tl::unexpected<InputError>(child.error());
  const SystemClock clock;
  const std::int64_t until_ms = clock.monotonic_ms() + kToolMsMax;
  while (child->running() && clock.monotonic_ms() < until_ms) sleep_ms(5);
  const int status = child->stop(0);
  if (status != 0) {
    std::string name = arguments.front();
    if (arguments.size() > 1) name += " " + arguments[1];
    return input_error({}, 0,
                       name +
                           (status == 127 ? " could not be started"
                                          : " failed with status " + std::to_string(status)) +
                           "\n" + tail_of(output));
  }
  return read_whole_file(output, kOutputBytesMax);
}

std::string tail_of(const std::filesystem::path& file) {
  const auto text = read_whole_file(file, kOutputBytesMax);
  if (!text) return {};
  return text->size() > kTailBytes ? text->substr(text->size() - kTailBytes) : *text;
}

}  // namespace sudare::sim
