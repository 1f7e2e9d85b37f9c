// A program that the simulator started. It ends with this object, and with this process however
// that ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/error.h"

namespace sudare::sim {

class Child {
 public:
  // `arguments`: program and arguments; a program without '/' is looked up in PATH. What it writes
  // goes to `output`, both streams.
  static Parsed<Child> start(const std::vector<std::string>& arguments,
                             const std::filesystem::path& output);
  ~Child();
  Child(Child&& other) noexcept : pid_(other.pid_), output_(std::move(other.output_)) {
    other.pid_ = -1;
  }
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // SIGTERM; SIGKILL where it is still there after `ms_max`. Returns its exit status, -1 where a
  // signal ended it. May be called again.
  int stop(std::int64_t ms_max);
  // A signal such as SIGKILL, SIGSTOP; nothing where it has ended.
  void signal(int number);
  // -1 where it has ended.
  [[nodiscard]] pid_t pid() const { return pid_; }
  // Whether it is still there.
  [[nodiscard]] bool running();
  [[nodiscard]] const std::filesystem::path& output() const { return output_; }

 private:
  Child(pid_t pid, std::filesystem::path output) : pid_(pid), output_(std::move(output)) {}
  bool reap(int options);

  pid_t pid_ = -1;
  int status_ = -1;
  std::filesystem::path output_;
};

// Runs a program to its end and returns what it wrote; an error with the last of it where it fails.
[[nodiscard]] Parsed<std::string> run_tool(const std::vector<std::string>& arguments,
                                           const std::filesystem::path& output);

// The last lines of a log, for an error.
[[nodiscard]] std::string tail_of(const std::filesystem::path& file);

}  // namespace sudare::sim
