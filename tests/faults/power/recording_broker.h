// The in-vehicle broker and all ECUs in one, outside the machine whose power is cut: sends numbered
// messages as fast as they are taken, and knows of each whether its PUBACK came. MQTT 5, as much as
// the gateway uses of it. A session lasts as long as the object: what was not acknowledged is sent
// again when the gateway is back.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gateway/mqtt/packet_framer.h"
#include "tests/faults/power/traffic.h"

namespace sudare::faults {

class RecordingBroker final : public Traffic {
 public:
  RecordingBroker();
  ~RecordingBroker() override;

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::uint64_t progress() const override;
  [[nodiscard]] std::set<std::uint64_t> acknowledged() const override;
  [[nodiscard]] bool heard_all() const override;
  // It was sent more than once.
  [[nodiscard]] bool may_repeat(std::uint64_t number) const override;
  bool stop() override;

 private:
  struct Session {
    std::vector<std::string> filters;
    std::map<std::uint16_t, std::uint64_t> outstanding;  // by packet id
    std::uint16_t last_id = 0;
  };
  struct Peer {
    explicit Peer(int descriptor) : fd(descriptor), framer(1U << 20U, Oversized::kRefuse) {}
    int fd;
    PacketFramer framer;
    std::string client_id;  // empty: before CONNECT
    bool ready = false;     // subscribed in this connection
    std::string out;
  };

  void run();
  bool read(Peer& peer);
  bool handle(Peer& peer, const Packet& packet);
  bool connect(Peer& peer, const Packet& packet);
  void subscribe(Peer& peer, const Packet& packet);
  void acknowledged_by(Peer& peer, std::uint16_t id, std::uint8_t reason);
  void send_more(Peer& peer);
  void send_one(Peer& peer, std::uint16_t id, std::uint64_t number, bool again);
  bool write(Peer& peer);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  int stop_[2] = {-1, -1};  // a pipe: closing it ends the thread

  mutable std::mutex mutex_;  // of everything below
  std::vector<Peer> peers_;
  std::map<std::string, Session> sessions_;
  std::uint64_t next_number_ = 0;
  std::set<std::uint64_t> acknowledged_;
  std::set<std::uint64_t> repeated_;
  bool stopped_ = false;

  std::thread thread_;
};

}  // namespace sudare::faults
