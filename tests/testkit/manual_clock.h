// A Clock that stands still until the test moves it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace sudare::testkit {

// Any thread may read while the test's thread sets.
class ManualClock final : public Clock {
 public:
  // 2024-01-01 UTC, and a unit that has been up for a second.
  static constexpr std::int64_t kStartWallMs = 1'704'067'200'000;
  static constexpr std::int64_t kStartMonotonicMs = 1000;

  ManualClock() = default;
  ManualClock(std::int64_t wall_ms, std::int64_t monotonic_ms)
      : wall_ms_(wall_ms), monotonic_ms_(monotonic_ms) {}

  [[nodiscard]] std::int64_t wall_ms() const override { return wall_ms_; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return monotonic_ms_; }

  // Time passes: both clocks.
  void advance_ms(std::int64_t ms) {
    wall_ms_ += ms;
    monotonic_ms_ += ms;
  }
  // Someone sets the wall clock.
  void set_wall_ms(std::int64_t ms) { wall_ms_ = ms; }
  // The unit boots: the monotonic clock starts anew.
  void set_monotonic_ms(std::int64_t ms) { monotonic_ms_ = ms; }

 private:
  std::atomic<std::int64_t> wall_ms_ = kStartWallMs;
  std::atomic<std::int64_t> monotonic_ms_ = kStartMonotonicMs;
};

}  // namespace sudare::testkit
