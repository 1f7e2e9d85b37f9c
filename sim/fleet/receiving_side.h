// What the recipients do, in one process: takes every batch from the cloud broker, opens and
// verifies it with its purpose's key, drops what comes twice, and hands each record to the
// reckoning and the canaries' scan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/open/receiver.h"
#include "sim/fleet/canaries.h"
#include "sim/fleet/policy_keys.h"
#include "sim/fleet/reckoning.h"
#include "sim/mqtt/client.h"

namespace sudare::sim::fleet {

struct ReceivedCounts {
  std::uint64_t messages = 0;  // of the broker
  std::uint64_t batches = 0;   // opened, none twice
  std::uint64_t again = 0;     // batches that came again: sent again after a connection was lost
  std::uint64_t unopened = 0;  // not for these keys, forged or damaged
  std::uint64_t records = 0;
};

// One thread; stays where it is. Keeps references.
class ReceivingSide final : public ClientEvents {
 public:
  ReceivingSide(const PolicyKeys& keys, Reckoning& reckoning, Canaries& canaries);

  // Begins to connect; again after the connection was lost: the broker keeps the session for an
  // hour, and what came meanwhile.
  [[nodiscard]] Status connect(const Broker& broker);
  // An error ended the connection.
  [[nodiscard]] Status serve();
  [[nodiscard]] Status tend(std::int64_t now_ms) { return client_->tend(now_ms); }
  void close() { client_.reset(); }

  // What the broker delivers.
  void take(std::string_view topic, std::string_view payload);

  [[nodiscard]] bool open() const { return client_.has_value(); }
  // The broker has granted the subscription.
  [[nodiscard]] bool subscribed() const { return subscribed_; }
  [[nodiscard]] int fd() const { return client_->fd(); }
  [[nodiscard]] short wants() const { return client_->wants(); }
  [[nodiscard]] ReceivedCounts counts() const;

 private:
  void on_connected(bool session_present) override;
  void on_subscribed(std::string_view reasons) override;
  void on_message(const PublishPacket& message) override;
  void open_file(PurposeIndex purpose, std::string_view file);

  const PolicyKeys& keys_;
  Reckoning& reckoning_;
  Canaries& canaries_;
  std::string client_id_;
  bool subscribed_ = false;
  bool refused_ = false;
  std::optional<Client> client_;
  std::vector<Receiver> receivers_;  // by PurposeIndex
  ReceivedCounts counts_;
};

}  // namespace sudare::sim::fleet
