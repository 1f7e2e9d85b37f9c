// Child processes of a test: started with their own output files, ended with the test by their pid.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sudare::testkit {

struct ProcessOptions {
  // Where standard output and error go; empty: discarded.
  std::filesystem::path output;
  std::filesystem::path errors;
  // Added to this process's environment.
  std::vector<std::pair<std::string, std::string>> environment;
};

// One child. Killed and reaped when the object goes, and by the kernel when the thread that started
// it dies. One thread at a time.
class Process {
 public:
  // `arguments[0]` is looked up in PATH and the sbin directories. Throws std::runtime_error where
  // it can't be started at all; a program that is not there exits with 127.
  Process(const std::vector<std::string>& arguments, ProcessOptions options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  void signal(int number);
  // The exit status, or 128 + signal; nothing where it still runs after `longest`.
  std::optional<int> wait(std::chrono::milliseconds longest);
  // SIGKILL, and waits.
  void kill();

  // What it has written so far.
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
  ProcessOptions options_;
};

// Runs a command to its end; throws after `longest`.
struct RunResult {
  int status = 0;
  std::string output;
  std::string errors;
};
// What may take `longest` here: under a sanitizer or in the emulator several times as long
// (SUDARE_SLOWNESS, cmake/sudare.cmake).
std::chrono::milliseconds patience(std::chrono::milliseconds longest);

// Longer than patience(longest) is an error.
RunResult run(const std::vector<std::string>& arguments,
              std::chrono::milliseconds longest = std::chrono::seconds(60));

// Polls until `true_now` or `longest`; returns its last answer.
template <class Condition>
bool eventually(Condition true_now, std::chrono::milliseconds longest = std::chrono::seconds(20));

// Where PATH, or a folder of Debian's for what root runs, has that command; empty: nowhere.
std::string find_command(const std::string& name);

// What to start as a program of this build: "sudare-gateway" in its bin/, or where that is of
// another architecture a script that runs it in the emulator.
std::filesystem::path program(const std::string& name);

void pause(std::chrono::milliseconds time);

template <class Condition>
bool eventually(Condition true_now, std::chrono::milliseconds longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!true_now()) {
    if (std::chrono::steady_clock::now() > end) return true_now();
    pause(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace sudare::testkit
