// Everything that a cloud broker delivers under sudare/1/#, while the car drives: a thread of its
// own and a session that the broker keeps while the connection is away.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "gateway/mqtt/endpoint.h"
#include "sim/error.h"
#include "sim/mqtt/client.h"

namespace sudare::sim {

struct Delivery {
  std::string topic;
  std::string payload;
  std::int64_t arrived_ms = 0;  // unix, this machine's clock
};

class CloudInbox {
 public:
  // Returns once the broker has taken the subscription; an error after 10 s.
  static Parsed<std::unique_ptr<CloudInbox>> open(const MqttPeer& cloud);
  ~CloudInbox();
  CloudInbox(const CloudInbox&) = delete;
  CloudInbox& operator=(const CloudInbox&) = delete;

  // What came since the last call, in the order in which it came.
  [[nodiscard]] std::vector<Delivery> take();
  // Something may be missing that the broker had: it forgot the session, or there was too much.
  [[nodiscard]] bool incomplete() const { return incomplete_; }

 private:
  class Session;
  explicit CloudInbox(Broker broker);
  void serve();
  void keep(const PublishPacket& message);

  struct Kept {
    std::vector<Delivery> deliveries;
    std::size_t bytes = 0;  // ever: the caller keeps what it takes
  };
  Broker broker_;
  std::string client_id_;
  std::unique_ptr<Session> session_;
  Guarded<Kept> kept_;
  std::atomic<bool> incomplete_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace sudare::sim
