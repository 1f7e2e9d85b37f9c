// A car's connection to the cloud broker: one descriptor, a random client id per connection, what
// is not acknowledged is sent again over the next one. Who connects when is connections.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/fleet/car.h"
#include "sim/mqtt/client.h"

namespace sudare::sim::fleet {

// "sudare/1/traffic/7f"
[[nodiscard]] std::string cloud_topic(const SealedMeta& meta);

struct LinkCounts {
  std::uint64_t published = 0;     // batches, those sent again included
  std::uint64_t uplink_bytes = 0;  // of their topics and payloads
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;  // by the broker, in an acknowledgement
};

// Not thread-safe; stays where it is. Keeps a reference to both.
class Link final : public ClientEvents {
 public:
  Link(Car& car, LinkCounts& counts) : car_(car), counts_(counts) {}

  // Begins to connect.
  [[nodiscard]] Status connect(const Broker& broker, std::size_t attempt);
  // Hands batches to the connection while its window has room, and serves it. An error ended it.
  [[nodiscard]] Status serve();
  [[nodiscard]] Status tend(std::int64_t now_ms) { return client_->tend(now_ms); }
  // At once, as where a car enters a tunnel; `politely`: says goodbye first.
  void close(bool politely);

  [[nodiscard]] bool open() const { return client_.has_value(); }
  [[nodiscard]] bool connected() const { return client_ && client_->connected(); }
  [[nodiscard]] int fd() const { return client_->fd(); }
  [[nodiscard]] short wants() const { return client_->wants(); }

 private:
  void on_connected(bool session_present) override;
  void on_acknowledged(std::uint16_t id, std::uint8_t reason) override;
  Status publish();

  Car& car_;
  LinkCounts& counts_;
  std::optional<Client> client_;
  std::vector<std::pair<std::uint16_t, RowId>> outstanding_;
  bool refused_ = false;
};

}  // namespace sudare::sim::fleet
