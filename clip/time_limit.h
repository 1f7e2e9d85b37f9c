// How long one clip may take. Far above what it does take: a limit against clips that were made to
// cost time, and against a worker that was taken over.
#pragma once

#include <chrono>
#include <cstdint>

#include "clip/options.h"

namespace sudare::clip {

// Processor time of one process. 150 MB/s and more is usual for a rebuild, a small unit has a
// twentieth of that; decoding is far slower.
[[nodiscard]] constexpr std::uint64_t cpu_seconds_max(const Options& options,
                                                      std::uint64_t clip_bytes) {
  constexpr std::uint64_t kBase = 30;
  constexpr std::uint64_t kRebuildBytesPerSecond = 8'000'000;
  constexpr std::uint64_t kSketchBytesPerSecond = 500'000;
  const bool decodes = options.mode == Mode::kMinimize && options.profile == Profile::kSketch;
  return kBase + clip_bytes / (decodes ? kSketchBytesPerSecond : kRebuildBytesPerSecond);
}

// Time on the wall, for ClipRun: others want the processors too, and a slow card and a slow outbox
// are waited for. Whoever takes longer hangs.
[[nodiscard]] constexpr std::chrono::milliseconds time_max(const Options& options,
                                                           std::uint64_t clip_bytes) {
  constexpr std::uint64_t kTimes = 4;
  return std::chrono::seconds(kTimes * cpu_seconds_max(options, clip_bytes));
}

}  // namespace sudare::clip
