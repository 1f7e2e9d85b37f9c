// When the collector commits. Grouping saves flash and CPU; waiting costs latency, and a broker
// whose window of unacknowledged messages is small stands still while it waits.
//
//   at once          an essential row, a withdrawal, the group is full
//   after quiet_ms   nothing more came: the broker's window may be exhausted
//   after interval   at the latest
// After a failed commit: backoff, and nothing is read meanwhile once the group is full.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace sudare {

class CommitPace {
 public:
  CommitPace(std::int64_t interval_ms, std::size_t messages_max)
      : interval_ms_(interval_ms),
        quiet_ms_(std::max<std::int64_t>(interval_ms / 4, 1)),
        messages_max_(messages_max) {}

  // Times are Clock::monotonic_ms().
  void took(std::size_t messages, std::size_t bytes, std::int64_t now_ms) {
    if (messages == 0) return;
    if (messages_ == 0) first_ms_ = now_ms;
    last_ms_ = now_ms;
    messages_ += messages;
    bytes_ += bytes;
  }
  // Acknowledgements of the cloud wait: the next commit takes them along, or one of their own after
  // the settle time.
  void settle(std::int64_t now_ms) {
    if (settling_) return;
    settling_ = true;
    settle_ms_ = now_ms;
  }

  [[nodiscard]] std::size_t room_messages() const {
    return messages_ >= messages_max_ ? 0 : messages_max_ - messages_;
  }
  [[nodiscard]] std::size_t room_bytes() const {
    return bytes_ >= kBytesMax ? 0 : kBytesMax - bytes_;
  }

  // Milliseconds until a commit is due; 0: now; -1: nothing waits.
  [[nodiscard]] std::int64_t due_in_ms(std::int64_t now_ms) const {
    if (retry_ms_ > now_ms) return retry_ms_ - now_ms;
    if (messages_ > 0 && (room_messages() == 0 || room_bytes() == 0)) return 0;
    std::int64_t at_ms = kNever;
    if (messages_ > 0) at_ms = std::min(first_ms_ + interval_ms_, last_ms_ + quiet_ms_);
    if (settling_) at_ms = std::min(at_ms, settle_ms_ + std::max(kSettleMs, 2 * interval_ms_));
    return at_ms == kNever ? -1 : std::max<std::int64_t>(at_ms - now_ms, 0);
  }
  // No commit before this: the last one failed.
  [[nodiscard]] bool held_back(std::int64_t now_ms) const { return retry_ms_ > now_ms; }

  void committed() { *this = CommitPace(interval_ms_, messages_max_); }
  void failed(std::int64_t now_ms) {
    backoff_ms_ = std::clamp<std::int64_t>(backoff_ms_ * 2, kRetryMsLeast, kRetryMsMost);
    retry_ms_ = now_ms + backoff_ms_;
  }

 private:
  // Payload in one group. Bounds what the open batches take in memory while a full disk refuses
  // commits: a thousand messages of 64 KiB would be 64 MiB.
  static constexpr std::size_t kBytesMax = 1024 * 1024;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kSettleMs = 200;
  static constexpr std::int64_t kRetryMsLeast = 50;
  static constexpr std::int64_t kRetryMsMost = 5000;

  std::int64_t interval_ms_;
  std::int64_t quiet_ms_;
  std::size_t messages_max_;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
  bool settling_ = false;
  std::int64_t settle_ms_ = 0;
  std::int64_t retry_ms_ = 0;
  std::int64_t backoff_ms_ = 0;
};

}  // namespace sudare
