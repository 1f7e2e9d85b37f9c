// Where time comes from. Two clocks that must not be mixed: wall time (what day is it, may jump,
// may be 1970) and monotonic time (how long has it been; linger, retention, backoff).
#pragma once

#include <cstdint>

namespace sudare {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01 UTC, as the operating system believes. Any thread.
  [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
  // Milliseconds since an arbitrary start; never goes back; counts suspend (CLOCK_BOOTTIME). Any
  // thread.
  [[nodiscard]] virtual std::int64_t monotonic_ms() const = 0;
};

// The operating system's clocks. One object for the whole program, passed by reference.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t wall_ms() const override;
  [[nodiscard]] std::int64_t monotonic_ms() const override;
};

inline constexpr std::int64_t kMsPerDay = 86'400'000;

}  // namespace sudare
