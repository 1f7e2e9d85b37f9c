// Runs sudare-clip on one file: `minimize | verify`, or `inspect`, as processes of their own with
// file descriptors 0, 1 and 2 and an empty environment. Made for an event loop: nothing here blocks
// but start (the fork). A process that can't be killed is left behind (child.h).
//
// What comes out counts only if result().ok(): bytes that were read before may be of a clip that is
// rejected later.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "clip/options.h"
#include "clip/report.h"
#include "clip/run/child.h"
#include "clip/run/owned_fd.h"
#include "clip/run/program.h"

namespace sudare::clip {

struct ClipResult {
  Outcome outcome = Outcome::kInternal;
  Reason reason = Reason::kNone;  // of the process that decided
  bool timed_out = false;
  bool crashed = false;  // a process died of a signal, or without a report
  ProcessEnd worker;     // minimize or inspect
  ProcessEnd verify;     // as it is where there was none
  [[nodiscard]] bool ok() const { return outcome == Outcome::kOk; }
};

// One clip. Movable; one thread, which must live as long as the run does: where it or its process
// dies, the kernel ends the children. The program must not wait for children it did not start.
class ClipRun {
 public:
  // `clip`: a regular file, open for reading; stays the caller's, and its position is not touched.
  // `clock` must outlive the run. options.mode: kMinimize (verify follows it)
  // or kInspect. kIo where a process can't be started (errno), kNotFound where `program` is not
  // there.
  static Result<ClipRun> start(const Program& program, const Options& options, int clip,
                               std::chrono::milliseconds longest, const Clock& clock);
  // Its end is SIGKILL to what still runs.

  // What to poll for POLLIN next; changes with every read(). -1 once ended().
  [[nodiscard]] int descriptor() const;
  // How long poll() may wait before read() is due again: also without an event.
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  // Takes what there is of the clip (inspect: of the findings) and looks after the processes: kills
  // them where the time is over, reaps them at their end. Never blocks. Returns the bytes that were
  // put into `into`; 0 means nothing now, or ended().
  std::size_t read(std::span<std::byte> into);

  // Both processes are reaped or left behind, and everything was read.
  [[nodiscard]] bool ended() const;
  // After ended().
  [[nodiscard]] const ClipResult& result() const { return result_; }

 private:
  ClipRun() = default;
  [[nodiscard]] bool children_ended() const;

  const Clock* clock_ = nullptr;
  std::int64_t end_ms_ = 0;  // of the monotonic clock
  bool timed_out_ = false;
  OwnedFd output_;
  std::vector<Child> children_;  // the worker; verify
  bool ended_ = false;
  ClipResult result_;
};

// What the ends of the processes mean together. Pure.
[[nodiscard]] ClipResult decide(const ProcessEnd& worker, const std::optional<ProcessEnd>& verify,
                                bool timed_out);

}  // namespace sudare::clip
