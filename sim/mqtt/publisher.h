// Publishes a car's messages to the in-vehicle broker, keeps each until it is settled, and knows
// which were: by the broker's acknowledgement, or, as a producer that wants certainty from end to
// end (gateway/receipts), by the gateway's receipt.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/mqtt/endpoint.h"
#include "sim/error.h"
#include "sim/mqtt/client.h"

namespace sudare::sim {

// The default of GatewayConfig::receipt_topic.
inline constexpr const char* kReceiptTopic = "vehicle/receipt";

struct PublisherOptions {
  MqttPeer broker;  // its version is not used: 3.1.1, which every broker speaks; receipts need 5
  int qos = 1;      // 0 or 1
  // The name of a producer that the gateway gives receipts to; empty: the broker's word is enough.
  std::string producer;
  std::string receipt_topic = kReceiptTopic;
};

// Not thread-safe; everything happens within its calls. Connects again by itself and sends again
// what is not settled, in order.
class Publisher final : private ClientEvents {
 public:
  // Called with the message's sequence number when it is settled; with QoS 0 when it was written.
  using Settled = std::function<void(std::uint64_t sequence)>;

  // Waits for the broker's word, and for the last receipt, behind which the numbers go on: at most
  // 10 s. A random client id.
  static Parsed<std::unique_ptr<Publisher>> connect(const PublisherOptions& options,
                                                    Settled settled);
  ~Publisher() override;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Hands a message to the broker; waits while too many are unsettled or the connection is away,
  // until stop_requested(): then false.
  [[nodiscard]] bool publish(std::uint64_t sequence, std::string_view topic,
                             std::string_view payload, bool retained);
  // Serves the connection for so long.
  void work(std::int64_t ms);
  // Serves the connection until everything is settled or `ms_max` is over. What is left is
  // outstanding().
  void drain(std::int64_t ms_max);

  // The connection is up, and the last receipt known: publish() waits for no more than room.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] std::size_t outstanding() const { return kept_.size(); }
  [[nodiscard]] std::uint64_t reconnects() const { return reconnects_; }
  [[nodiscard]] std::uint64_t resent() const { return resent_; }

 private:
  struct Kept {
    std::uint64_t sequence = 0;
    std::uint64_t number = 0;  // as the gateway counts them; 0: settled by the broker's word
    std::string topic;
    std::string payload;
    bool retained = false;
    std::uint16_t id = 0;  // the message id of its last sending
  };

  Publisher(PublisherOptions options, Broker broker, Settled settled);
  void on_connected(bool session_present) override;
  void on_acknowledged(std::uint16_t id, std::uint8_t reason) override;
  void on_message(const PublishPacket& message) override;

  [[nodiscard]] Error wait_until_ready();
  void start();
  void lost();
  void serve(std::int64_t ms);
  void send_kept();
  void settle_first();

  PublisherOptions options_;
  Broker broker_;
  Settled settled_;
  std::optional<Client> client_;
  std::deque<Kept> kept_;
  std::size_t sent_ = 0;                   // of kept_, over this connection
  std::optional<std::uint64_t> received_;  // the last receipt
  std::uint64_t next_number_ = 0;          // 0: not known before the first receipt
  std::int64_t attempt_at_ms_ = 0;
  std::int64_t tended_ms_ = 0;
  std::int64_t progress_ms_ = 0;  // when something was settled, or sent again
  Error last_error_{ErrorCode::kUnavailable, "no answer"};
  std::uint64_t attempts_ = 0;
  std::uint64_t reconnects_ = 0;
  std::uint64_t resent_ = 0;
};

}  // namespace sudare::sim
