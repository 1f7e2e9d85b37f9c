// One process of sudare-clip: started with file descriptors 0, 1 and 2 and nothing else of its
// parent's, killed with its owner. Nothing here waits for a process to end: one that reads from a
// card that no longer answers can't even be killed before the kernel gives up.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "clip/report.h"
#include "clip/run/owned_fd.h"
#include "clip/run/program.h"

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

// How long a process that ends, or was killed, is looked after; then it is left behind.
inline constexpr std::int64_t kDyingMsMax = 2'000;
// How soon it is to be looked after again meanwhile: nothing tells when it is gone.
inline constexpr std::int64_t kDyingPollMs = 5;
// Processes that were left behind. With more, none is started.
inline constexpr std::size_t kLeftBehindMax = 16;

// Reaps what ended of the processes that were left behind; returns how many did not. Does not
// block. Any thread.
std::size_t reap_left_behind();

// One thread. Movable. Its end kills the process and leaves it behind.
class Child {
 public:
  // With default signal dispositions, an empty environment and `input` and `output` as descriptors
  // 0 and 1 (both above 2; they stay the caller's). kNotFound, kIo; kUnavailable: kLeftBehindMax
  // processes do not end.
  static Result<Child> start(const Program& program, const std::vector<std::string>& arguments,
                             int input, int output);
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its descriptor 2, to poll for POLLIN; -1 once it ends. The end of that pipe is the end of the
  // process: sudare-clip never closes it.
  [[nodiscard]] int errors() const { return errors_.get(); }
  // Takes what it wrote there, and reaps it at its end; leaves it behind where that takes longer
  // than kDyingMsMax. Does not block. `now_ms`: of a monotonic clock.
  void look_after(std::int64_t now_ms);
  void kill();
  [[nodiscard]] bool ended() const { return pid_ < 0; }
  // It was killed, or closed its descriptor 2, and has not ended: look_after() is due again soon.
  [[nodiscard]] bool dying() const { return dying_; }
  // It was left behind: end() has no status, and descriptor 1 may still be open.
  [[nodiscard]] bool left_behind() const { return left_behind_; }
  [[nodiscard]] const ProcessEnd& end() const { return end_; }  // after ended()

 private:
  Child() = default;
  void read_errors();
  void reap();
  void leave_behind();

  pid_t pid_ = -1;
  bool dying_ = false;
  bool left_behind_ = false;
  std::int64_t dying_since_ms_ = -1;
  OwnedFd errors_;
  std::string line_;
  ProcessEnd end_;
};

}  // namespace sudare::clip
