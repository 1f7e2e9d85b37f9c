// What a broker's packets say. MQTT 3.1.1 and MQTT 5 (OASIS), sections 3.2 to 3.14. Properties of
// MQTT 5 are checked for their lengths and passed over but for those named here: one that comes
// twice or in the wrong packet is taken as it is, since a broker that is a little off is better
// than none. Pure; any thread. All errors are kMalformed: the connection is of no further use.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/mqtt/packet_framer.h"

namespace sudare {

struct Connack {
  bool session_present = false;
  std::uint8_t reason = 0;                 // 0: connected; the protocol version's own codes
  std::uint16_t receive_maximum = 65'535;  // MQTT 5: unacknowledged PUBLISH packets that it takes
  std::uint32_t maximum_packet_bytes = 0;  // MQTT 5: that it takes; 0: any
  // MQTT 5: in place of the client's own.
  std::optional<std::uint16_t> keepalive_seconds;
};
[[nodiscard]] Result<Connack> read_connack(const Packet& packet, MqttVersion version);

// How a producer numbers its messages (gateway/receipts).
inline constexpr std::string_view kSequenceProperty = "sudare-seq";

struct PublishPacket {
  std::string_view topic;
  // The topic is UTF-8 without U+0000 and without wildcards, and not empty. Where not, the packet
  // is whole all the same, and can be acknowledged: else it would come again for ever.
  bool topic_valid = false;
  std::string_view payload;
  std::string_view sequence;  // MQTT 5: of its first user property kSequenceProperty
  std::uint16_t id = 0;       // 0 with QoS 0
  std::uint8_t qos = 0;       // 0 to 2
  bool duplicate = false;
  bool retained = false;
  bool cut = false;  // Packet::cut: the payload's end is missing
};
// A topic alias is an error: none is ever allowed to the broker.
[[nodiscard]] Result<PublishPacket> read_publish(const Packet& packet, MqttVersion version);

struct PubackPacket {
  std::uint16_t id = 0;
  std::uint8_t reason = 0;  // MQTT 5: success below 0x80
};
[[nodiscard]] Result<PubackPacket> read_puback(const Packet& packet, MqttVersion version);

struct SubackPacket {
  std::uint16_t id = 0;
  std::string_view reasons;  // a byte per filter: refused where ≥ 0x80
};
[[nodiscard]] Result<SubackPacket> read_suback(const Packet& packet, MqttVersion version);

// MQTT 5: why the broker ends the connection; 0 where it says nothing.
[[nodiscard]] Result<std::uint8_t> read_disconnect(const Packet& packet);

}  // namespace sudare
