// The in-vehicle broker with the gateway's persistent session: what was not acknowledged comes
// again, in order, after each reconnect.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace sudare::faults {

struct CarMessage {
  std::uint64_t number = 0;  // 0: none that is counted
  std::string topic;
  std::string payload;
  std::string sequence;  // of a producer that numbers its messages
  bool retained = false;
  bool malformed = false;
};

class CarBroker {
 public:
  void publish(CarMessage message) { queue_.push_back(std::move(message)); }
  // The next one that was not delivered over this connection; null: none.
  [[nodiscard]] const CarMessage* next() {
    return delivered_ < queue_.size() ? &queue_[delivered_++] : nullptr;
  }
  // Of those delivered over this connection and not acknowledged, the first `count`.
  void acknowledge(std::size_t count) {
    count = count < delivered_ ? count : delivered_;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    delivered_ -= count;
  }
  void reconnect() { delivered_ = 0; }
  [[nodiscard]] std::size_t delivered() const { return delivered_; }
  [[nodiscard]] const CarMessage& delivered(std::size_t index) const { return queue_[index]; }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] std::size_t waiting() const { return queue_.size() - delivered_; }

 private:
  std::deque<CarMessage> queue_;
  std::size_t delivered_ = 0;
};

}  // namespace sudare::faults
