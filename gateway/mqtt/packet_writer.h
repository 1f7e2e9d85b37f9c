// A client's packets, appended to a buffer. MQTT 3.1.1 and MQTT 5 (OASIS), sections 3.1 to 3.14.
// Pure; any thread. Texts over 65,535 bytes and a PUBLISH over 256 MB are a bug of the caller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mqtt/endpoint.h"

namespace sudare {

struct ConnectPacket {
  std::string_view client_id;
  std::string_view username;  // empty: none, and no password
  std::string_view password;
  bool clean_start = true;
  std::uint16_t keepalive_seconds = 0;
  // MQTT 5; 0: not said.
  std::uint32_t session_expiry_seconds = 0;
  std::uint16_t receive_maximum = 0;
  std::uint32_t maximum_packet_bytes = 0;
};
void write_connect(std::string& out, const ConnectPacket& connect, MqttVersion version);

struct PublishHead {
  std::uint16_t id = 0;  // with QoS 1; not 0
  std::uint8_t qos = 1;  // 0 or 1
  bool duplicate = false;
  bool retained = false;
  std::string_view sequence;  // MQTT 5: the user property kSequenceProperty; empty: none
};
void write_publish(std::string& out, std::string_view topic, std::string_view payload,
                   const PublishHead& head, MqttVersion version);

void write_puback(std::string& out, std::uint16_t id);
void write_subscribe(std::string& out, std::uint16_t id, const std::vector<std::string>& filters,
                     std::uint8_t qos, MqttVersion version);
void write_unsubscribe(std::string& out, std::uint16_t id, const std::vector<std::string>& filters,
                       MqttVersion version);
void write_pingreq(std::string& out);
void write_disconnect(std::string& out);

}  // namespace sudare
