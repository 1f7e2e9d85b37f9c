#include "gateway/mqtt/packet_reader.h"

#include <optional>

#include "base/utf8.h"

namespace sudare {
namespace {

enum PropertyId : std::uint8_t {
  kServerKeepalive = 0x13,
  kReceiveMaximum = 0x21,
  kTopicAlias = 0x23,
  kUserProperty = 0x26,
  kMaximumPacketSize = 0x27,
};

// Reads numbers and texts from the front of a packet's body; once one is missing, failed.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::string_view left() const { return left_; }

  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const char c : take(bytes)) value = value << 8U | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t id() { return static_cast<std::uint16_t>(number(2)); }
  std::string_view text() { return take(number(2)); }
  std::string_view take(std::size_t bytes) {
    if (bytes > left_.size()) {
      failed_ = true;
      left_ = {};
      return {};
    }
    const std::string_view taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }
  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const std::uint8_t part = byte();
      value |= static_cast<std::uint32_t>(part & 0x7fU) << shift;
      if (part == 0 && shift > 0) break;  // longer than it need be: malformed (section 1.5.5)
      if ((part & 0x80U) == 0) return value;
    }
    failed_ = true;
    return 0;
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

tl::unexpected<Error> malformed(Literal what) { return fail(ErrorCode::kMalformed, what); }

struct Property {
  std::uint8_t id = 0;
  std::uint32_t number = 0;  // where the value is one
  std::string_view name;     // of a user property …
  std::string_view text;     // … and its value
};

// The number of a property (MQTT 5, table 2-4) where it is one, else 0. Nothing for an identifier
// that the standard does not name.
std::optional<std::uint32_t> property_number(Reader& in, std::uint8_t id) {
  switch (id) {
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2a: return in.byte();
    case kServerKeepalive:
    case kReceiveMaximum:
    case 0x22:
    case kTopicAlias: return in.number(2);
    case 0x02:
    case 0x11:
    case 0x18:
    case kMaximumPacketSize: return in.number(4);
    case 0x0b: return in.variable();
    case 0x03:
    case 0x08:
    case 0x09:
    case 0x12:
    case 0x15:
    case 0x16:
    case 0x1a:
    case 0x1c:
    case 0x1f: (void)in.text(); return 0;
    default: return std::nullopt;
  }
}

// Calls `with` for each property. False: malformed.
template <class With>
bool read_properties(Reader& in, const With& with) {
  const std::uint32_t bytes = in.variable();
  Reader properties(in.take(bytes));
  if (in.failed()) return false;
  while (!properties.left().empty()) {
    Property property;
    property.id = properties.byte();
    if (property.id == kUserProperty) {
      property.name = properties.text();
      property.text = properties.text();
    } else if (const auto number = property_number(properties, property.id)) {
      property.number = *number;
    } else {
      return false;
    }
    if (properties.failed()) return false;
    with(property);
  }
  return true;
}

bool skip_properties(Reader& in) {
  return read_properties(in, [](const Property&) {});
}

bool valid_topic(std::string_view topic) {
  return !topic.empty() && topic.find_first_of(std::string_view("\0+#", 3)) == topic.npos &&
         valid_utf8(topic);
}

}  // namespace

Result<Connack> read_connack(const Packet& packet, MqttVersion version) {
  Reader in(packet.body);
  Connack connack;
  const std::uint8_t flags = in.byte();
  connack.session_present = (flags & 1U) != 0;
  connack.reason = in.byte();
  if (in.failed() || packet.flags != 0 || flags > 1) return malformed("MQTT: CONNACK");
  // A broker that does not speak this version refuses in the form of the one that it speaks.
  const bool refused = connack.reason != 0;
  if (refused && (version == MqttVersion::k311 || in.left().empty())) return connack;
  bool read = true;
  if (version == MqttVersion::k5) {
    read = read_properties(in, [&](const Property& one) {
      const auto number = static_cast<std::uint16_t>(one.number);
      if (one.id == kReceiveMaximum) connack.receive_maximum = number;
      if (one.id == kMaximumPacketSize) connack.maximum_packet_bytes = one.number;
      if (one.id == kServerKeepalive) connack.keepalive_seconds = number;
    });
  }
  if (!read || !in.left().empty() || connack.receive_maximum == 0) {
    return malformed("MQTT: CONNACK");
  }
  return connack;
}

Result<PublishPacket> read_publish(const Packet& packet, MqttVersion version) {
  PublishPacket publish;
  publish.duplicate = (packet.flags & 8U) != 0;
  publish.qos = static_cast<std::uint8_t>((packet.flags >> 1U) & 3U);
  publish.retained = (packet.flags & 1U) != 0;
  publish.cut = packet.cut;
  Reader in(packet.body);
  publish.topic = in.text();
  if (publish.qos > 0) publish.id = in.id();
  if (in.failed() || publish.qos == 3 || (publish.qos > 0 && publish.id == 0)) {
    return malformed("MQTT: PUBLISH");
  }
  bool alias = false;
  if (version == MqttVersion::k5) {
    const bool read = read_properties(in, [&](const Property& one) {
      alias = alias || one.id == kTopicAlias;
      if (publish.sequence.empty() && one.name == kSequenceProperty) publish.sequence = one.text;
    });
    if (!read) return malformed("MQTT: PUBLISH");
  }
  if (alias) return malformed("MQTT: topic alias");
  publish.topic_valid = valid_topic(publish.topic);
  publish.payload = in.left();
  return publish;
}

Result<PubackPacket> read_puback(const Packet& packet, MqttVersion version) {
  Reader in(packet.body);
  PubackPacket puback;
  puback.id = in.id();
  if (version == MqttVersion::k5 && !in.left().empty()) {
    puback.reason = in.byte();
    if (!in.left().empty() && !skip_properties(in)) return malformed("MQTT: PUBACK");
  }
  if (in.failed() || packet.flags != 0 || puback.id == 0 || !in.left().empty()) {
    return malformed("MQTT: PUBACK");
  }
  return puback;
}

Result<SubackPacket> read_suback(const Packet& packet, MqttVersion version) {
  Reader in(packet.body);
  SubackPacket suback;
  suback.id = in.id();
  if (version == MqttVersion::k5 && !skip_properties(in)) return malformed("MQTT: SUBACK");
  suback.reasons = in.left();
  if (in.failed() || packet.flags != 0 || suback.id == 0 || suback.reasons.empty()) {
    return malformed("MQTT: SUBACK");
  }
  return suback;
}

Result<std::uint8_t> read_disconnect(const Packet& packet) {
  Reader in(packet.body);
  const std::uint8_t reason = in.left().empty() ? std::uint8_t{0} : in.byte();
  if (!in.left().empty() && !skip_properties(in)) return malformed("MQTT: DISCONNECT");
  if (packet.flags != 0 || !in.left().empty()) return malformed("MQTT: DISCONNECT");
  return reason;
}

}  // namespace sudare
