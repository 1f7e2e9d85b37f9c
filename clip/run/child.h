// One process of sudare-clip: started with file descriptors 0, 1 and 2 and nothing else of its
// parent's, killed and reaped with its owner.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "clip/report.h"
#include "clip/run/owned_fd.h"

namespace sudare::clip {

// How a process ended.
struct ProcessEnd {
  int status = -1;               // exit status, or 128 + signal
  std::optional<Report> report;  // absent: it wrote none that goes with its status
};

struct Pipe {
  OwnedFd read_end;   // does not block
  OwnedFd write_end;  // blocks
};
// Both close-on-exec and above 2. kIo.
[[nodiscard]] Result<Pipe> make_pipe();

// One thread. Movable.
class Child {
 public:
  // With default signal dispositions, an empty environment and `input` and `output` as descriptors
  // 0 and 1 (both above 2; they stay the caller's). kNotFound, kIo.
  static Result<Child> start(const std::filesystem::path& program,
                             const std::vector<std::string>& arguments, int input, int output);
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its descriptor 2, to poll for POLLIN; -1 once it ended. The end of that pipe is the end of the
  // process: sudare-clip never closes it.
  [[nodiscard]] int errors() const { return errors_.get(); }
  // Takes what it wrote there, and reaps it at its end. Does not block.
  void look_after();
  void kill();
  [[nodiscard]] bool ended() const { return pid_ < 0; }
  [[nodiscard]] const ProcessEnd& end() const { return end_; }  // after ended()

 private:
  Child() = default;
  void reap();

  pid_t pid_ = -1;
  OwnedFd errors_;
  std::string line_;
  ProcessEnd end_;
};

}  // namespace sudare::clip
