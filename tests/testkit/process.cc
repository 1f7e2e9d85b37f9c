#include "tests/testkit/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "sim/process/spawn.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {
namespace {

std::string resolve(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const std::string found = find_command(name);
  return found.empty() ? name : found;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string key = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [name, value] : added) replaced = replaced || name == key;
    if (!replaced) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

int open_output(const std::filesystem::path& path) {
  const std::string name = path.empty() ? "/dev/null" : path.string();
  return open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

int exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::string find_command(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string directories = (path == nullptr ? "/usr/bin:/bin" : path);
  directories += ":/usr/sbin:/sbin";  // Debian keeps mosquitto there, outside a user's PATH
  for (std::size_t at = 0; at < directories.size();) {
    const std::size_t end = std::min(directories.find(':', at), directories.size());
    const std::string candidate = directories.substr(at, end - at) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return "";
}

Process::Process(const std::vector<std::string>& arguments, ProcessOptions options)
    : options_(std::move(options)) {
  // Everything that allocates happens before fork: another thread may hold the allocator's lock.
  std::vector<std::string> words = arguments;
  words.front() = resolve(words.front());
  std::vector<std::string> variables = environment_with(options_.environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(variables);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = open_output(options_.output);
  const int err = open_output(options_.errors);
  const pid_t parent = getpid();
  pid_ = sim::fork_for_exec();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  for (const int fd : {in, out, err}) close(fd);
  if (pid_ < 0) throw std::runtime_error("fork failed");
}

Process::~Process() { kill(); }

bool Process::running() { return !wait(std::chrono::milliseconds(0)); }

void Process::signal(int number) {
  if (running()) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!status_) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) status_ = exit_code(status);
    else if (std::chrono::steady_clock::now() >= end) return std::nullopt;
    else pause(std::chrono::milliseconds(2));
  }
  return status_;
}

void Process::kill() {
  if (status_) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  if (waitpid(pid_, &status, 0) == pid_) status_ = exit_code(status);
}

std::string Process::output() const { return read_file(options_.output); }
std::string Process::errors() const { return read_file(options_.errors); }

std::chrono::milliseconds patience(std::chrono::milliseconds longest) {
  return longest * SUDARE_SLOWNESS;
}

RunResult run(const std::vector<std::string>& arguments, std::chrono::milliseconds longest) {
  const TemporaryDirectory directory;
  ProcessOptions options;
  options.output = directory.path() / "out";
  options.errors = directory.path() / "err";
  Process process(arguments, options);
  const std::optional<int> status = process.wait(patience(longest));
  if (!status) throw std::runtime_error("timed out: " + arguments.front());
  return {*status, process.output(), process.errors()};
}

std::filesystem::path program(const std::string& name) {
  return std::filesystem::path(SUDARE_BIN_DIR) / name;
}

void pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace sudare::testkit
