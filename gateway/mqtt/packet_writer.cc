#include "gateway/mqtt/packet_writer.h"

#include <cassert>

#include "gateway/mqtt/packet_framer.h"
#include "gateway/mqtt/packet_reader.h"

namespace sudare {
namespace {

// So that the properties' length takes one byte.
constexpr std::size_t kSequenceBytesMax = 100;

void put(std::string& out, std::uint32_t value, unsigned bytes) {
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
}

void put_text(std::string& out, std::string_view text) {
  assert(text.size() <= 65'535);
  put(out, static_cast<std::uint32_t>(text.size()), 2);
  out += text;
}

void put_head(std::string& out, PacketType type, unsigned flags, std::size_t body_bytes) {
  assert(body_bytes < 268'435'456);
  out += static_cast<char>(static_cast<unsigned>(type) << 4U | flags);
  do {
    const auto part = static_cast<unsigned>(body_bytes & 0x7fU);
    body_bytes >>= 7U;
    out += static_cast<char>(body_bytes > 0 ? part | 0x80U : part);
  } while (body_bytes > 0);
}

std::string connect_properties(const ConnectPacket& connect) {
  std::string properties;
  if (connect.session_expiry_seconds > 0) {
    properties += '\x11';
    put(properties, connect.session_expiry_seconds, 4);
  }
  if (connect.receive_maximum > 0) {
    properties += '\x21';
    put(properties, connect.receive_maximum, 2);
  }
  if (connect.maximum_packet_bytes > 0) {
    properties += '\x27';
    put(properties, connect.maximum_packet_bytes, 4);
  }
  return properties;
}

}  // namespace

void write_connect(std::string& out, const ConnectPacket& connect, MqttVersion version) {
  const bool login = !connect.username.empty();
  const bool password = login && !connect.password.empty();
  std::string body;
  put_text(body, "MQTT");
  body += static_cast<char>(version == MqttVersion::k5 ? 5 : 4);
  body += static_cast<char>((login ? 0x80U : 0U) | (password ? 0x40U : 0U) |
                            (connect.clean_start ? 0x02U : 0U));
  put(body, connect.keepalive_seconds, 2);
  if (version == MqttVersion::k5) {
    const std::string properties = connect_properties(connect);
    body += static_cast<char>(properties.size());
    body += properties;
  }
  put_text(body, connect.client_id);
  if (login) put_text(body, connect.username);
  if (password) put_text(body, connect.password);
  put_head(out, PacketType::kConnect, 0, body.size());
  out += body;
}

void write_publish(std::string& out, std::string_view topic, std::string_view payload,
                   const PublishHead& head, MqttVersion version) {
  assert(head.qos == 0 || (head.qos == 1 && head.id != 0));
  const bool five = version == MqttVersion::k5;
  const unsigned flags = (head.duplicate ? 8U : 0U) | static_cast<unsigned>(head.qos << 1U) |
                         (head.retained ? 1U : 0U);
  assert(head.sequence.size() <= kSequenceBytesMax && (five || head.sequence.empty()));
  const std::size_t property_bytes =
      head.sequence.empty() ? 0 : 5 + kSequenceProperty.size() + head.sequence.size();
  const std::size_t id_bytes = head.qos > 0 ? 2 : 0;
  put_head(out, PacketType::kPublish, flags,
           2 + topic.size() + id_bytes + (five ? 1 : 0) + property_bytes + payload.size());
  put_text(out, topic);
  if (head.qos > 0) put(out, head.id, 2);
  if (five) out += static_cast<char>(property_bytes);
  if (property_bytes > 0) {
    out += '\x26';
    put_text(out, kSequenceProperty);
    put_text(out, head.sequence);
  }
  out += payload;
}

void write_puback(std::string& out, std::uint16_t id) {
  put_head(out, PacketType::kPuback, 0, 2);
  put(out, id, 2);
}

void write_subscribe(std::string& out, std::uint16_t id, const std::vector<std::string>& filters,
                     std::uint8_t qos, MqttVersion version) {
  std::string body;
  put(body, id, 2);
  if (version == MqttVersion::k5) body += '\0';
  for (const std::string& filter : filters) {
    put_text(body, filter);
    body += static_cast<char>(qos);
  }
  put_head(out, PacketType::kSubscribe, 2, body.size());
  out += body;
}

void write_unsubscribe(std::string& out, std::uint16_t id, const std::vector<std::string>& filters,
                       MqttVersion version) {
  std::string body;
  put(body, id, 2);
  if (version == MqttVersion::k5) body += '\0';
  for (const std::string& filter : filters) put_text(body, filter);
  put_head(out, PacketType::kUnsubscribe, 2, body.size());
  out += body;
}

void write_pingreq(std::string& out) { put_head(out, PacketType::kPingreq, 0, 0); }
void write_disconnect(std::string& out) { put_head(out, PacketType::kDisconnect, 0, 0); }

}  // namespace sudare
