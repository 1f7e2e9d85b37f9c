// Publishes a car's messages to the in-vehicle broker and knows which of them the broker
// acknowledged. The gateway's own connection (gateway/mqtt) has neither retained messages nor QoS
// 0; a tester needs both.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/mqtt/endpoint.h"
#include "sim/error.h"

struct mosquitto;

namespace sudare::sim {

// Not thread-safe; everything happens within its calls. Connects again by itself and sends again
// what was not acknowledged.
class Publisher {
 public:
  // Called with the message's sequence number when the broker acknowledged it; with QoS 0 when it
  // was written.
  using Acknowledged = std::function<void(std::uint64_t sequence)>;

  // Waits for the broker's word, at most 10 s. MQTT 3.1.1: every broker speaks it. A random client
  // id.
  static Parsed<std::unique_ptr<Publisher>> connect(const MqttPeer& broker, int qos,
                                                    Acknowledged acknowledged);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Hands a message to the broker; waits while too many are unacknowledged or the connection is
  // away, until stop_requested(): then false.
  [[nodiscard]] bool publish(std::uint64_t sequence, const std::string& topic,
                             std::string_view payload, bool retained);
  // Serves the connection for so long.
  void work(std::int64_t ms);
  // Serves the connection until everything is acknowledged or `ms_max` is over. What is left is
  // outstanding().
  void drain(std::int64_t ms_max);

  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  [[nodiscard]] std::uint64_t reconnects() const { return reconnects_; }

 private:
  struct Callbacks;
  Publisher(int qos, Acknowledged acknowledged);
  void serve(int ms);
  void settle(int message_id);

  mosquitto* client_ = nullptr;
  int qos_;
  Acknowledged acknowledged_;
  bool connected_ = false;
  int refused_ = 0;
  std::int64_t reconnect_at_ms_ = 0;
  std::uint64_t reconnects_ = 0;
  // By message id, which is 16 bits: 0 where none is outstanding.
  std::unique_ptr<std::uint64_t[]> sequence_of_;
  std::size_t outstanding_ = 0;
};

}  // namespace sudare::sim
