// Of each message of a series: when it was sent, whether the local broker acknowledged it, when it
// was opened at the far end. The sending thread writes one half, the receiving thread the other;
// what is not marked "any thread" is read when both have ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sudare::sim::bench {

// CLOCK_MONOTONIC.
[[nodiscard]] std::int64_t now_ns();

class Ledger {
 public:
  explicit Ledger(std::uint64_t count)
      : sent_(at(count)), acknowledged_(at(count)), opened_(at(count)) {}

  [[nodiscard]] std::uint64_t size() const { return sent_.size(); }

  // The sending thread. `at_ns`: when it was due, where messages are sent at a rate: what waits
  // behind a delay is delayed too.
  void send(std::uint64_t number, std::int64_t at_ns) { sent_[at(number)] = at_ns; }
  void acknowledge(std::uint64_t number) {
    acknowledged_[at(number)] = 1;
    ++acknowledged_count_;
  }

  // The receiving thread.
  void open(std::uint64_t number, std::int64_t at_ns, std::string_view payload);
  void open_stranger() { ++strangers_; }

  // Any thread: different messages that were opened so far, and the moment of the last.
  [[nodiscard]] std::uint64_t opened_count() const { return opened_count_; }
  [[nodiscard]] std::int64_t last_opened_ns() const { return last_opened_ns_; }

  [[nodiscard]] std::int64_t first_sent_ns() const { return sent_.empty() ? 0 : sent_.front(); }
  [[nodiscard]] std::uint64_t acknowledged_count() const { return acknowledged_count_; }
  // Acknowledged to the producer and never opened.
  [[nodiscard]] std::uint64_t lost() const;
  [[nodiscard]] std::uint64_t twice() const { return twice_; }
  // Messages that this benchmark did not send.
  [[nodiscard]] std::uint64_t strangers() const { return strangers_; }
  // Some of what was opened, to be compared field by field.
  [[nodiscard]] const std::vector<std::pair<std::uint64_t, std::string>>& samples() const {
    return samples_;
  }
  // From sent to opened, of all that were opened; rising.
  [[nodiscard]] std::vector<double> latencies_ms() const;

 private:
  static std::size_t at(std::uint64_t number) { return static_cast<std::size_t>(number); }

  std::vector<std::int64_t> sent_;
  std::vector<std::uint8_t> acknowledged_;
  std::uint64_t acknowledged_count_ = 0;
  std::vector<std::int64_t> opened_;
  std::vector<std::pair<std::uint64_t, std::string>> samples_;
  std::uint64_t twice_ = 0;
  std::uint64_t strangers_ = 0;
  std::atomic<std::uint64_t> opened_count_ = 0;
  std::atomic<std::int64_t> last_opened_ns_ = 0;
};

// Of rising values; 0 where there are none.
[[nodiscard]] double quantile(const std::vector<double>& rising, double share);

}  // namespace sudare::sim::bench
