// Between the gateway and its cloud broker: knows of each batch whether the broker acknowledged it,
// from the wire, whatever the gateway or the broker say of it later.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/mqtt/packet_framer.h"
#include "tests/testkit/fault_proxy.h"
#include "tests/testkit/mqtt_client.h"

namespace sudare::faults {

// MQTT 3.1.1. Any thread.
class CloudWitness {
 public:
  explicit CloudWitness(std::uint16_t broker);
  ~CloudWitness();
  CloudWitness(const CloudWitness&) = delete;
  CloudWitness& operator=(const CloudWitness&) = delete;

  // Where the gateway is to connect to.
  [[nodiscard]] std::uint16_t port() const { return proxy_->port(); }
  // What the broker acknowledged so far.
  [[nodiscard]] std::vector<testkit::MqttMessage> acknowledged() const;

 private:
  struct Connection {
    Connection();
    PacketFramer up;
    PacketFramer down;
    std::map<std::uint16_t, testkit::MqttMessage> outstanding;  // by packet id
  };
  void hear(std::uint64_t connection, bool up, std::string_view bytes);
  void hear(Connection& connection, bool up, const Packet& packet);

  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<testkit::MqttMessage> acknowledged_;
  std::unique_ptr<testkit::FaultProxy> proxy_;  // last: its thread uses the others
};

}  // namespace sudare::faults
