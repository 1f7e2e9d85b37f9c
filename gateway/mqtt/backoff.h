// How long to wait before the next attempt to reach a peer: doubles from `least` to `most`, and a
// random half of it, so that a fleet that lost its broker at one moment does not come back at one
// moment.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sudare {

class Backoff {
 public:
  Backoff(std::int64_t least_ms, std::int64_t most_ms) : least_ms_(least_ms), most_ms_(most_ms) {}

  // `random`: any 32 random bits. Between half and all of the current step.
  std::int64_t next_ms(std::uint32_t random) {
    const std::int64_t step = std::min(most_ms_, least_ms_ << std::min(attempts_, kDoublingsMax));
    ++attempts_;
    return step / 2 + static_cast<std::int64_t>(random) % (step / 2 + 1);
  }
  void reset() { attempts_ = 0; }
  [[nodiscard]] int attempts() const { return attempts_; }
  // Of repeated failures the 1st, 2nd, 4th, 8th … are worth a line in the log.
  [[nodiscard]] bool worth_logging() const { return (attempts_ & (attempts_ - 1)) == 0; }

 private:
  static constexpr int kDoublingsMax = 20;  // keeps the shift within 64 bits for any step in ms

  std::int64_t least_ms_;
  std::int64_t most_ms_;
  int attempts_ = 0;
};

}  // namespace sudare
