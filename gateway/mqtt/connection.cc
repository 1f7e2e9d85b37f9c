#include "gateway/mqtt/connection.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "gateway/mqtt/login.h"
#include "gateway/mqtt/packet_writer.h"

namespace sudare {
namespace {

// One read: some thousand acknowledgements, or a few batches at the receiving side.
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::uint16_t kKeepaliveSecondsLeast = 5;
// Message ids are 16 bits, and 0 is none.
constexpr std::size_t kMessageIds = 65'535;
// Of acknowledgements for a broker that sends and does not read.
constexpr std::size_t kUnwrittenBytesMax = 8U << 20U;

std::uint32_t packet_bytes_max(const MqttOptions& options) {
  return options.maximum_packet_bytes == 0 ? kMqttPacketBytesMax : options.maximum_packet_bytes;
}

}  // namespace

MqttConnection::MqttConnection(Stream stream, OwnTlsContext tls, const MqttOptions& options,
                               MqttEvents& events)
    : version_(options.peer.version),
      events_(events),
      tls_(std::move(tls)),
      stream_(std::move(stream)),
      framer_(packet_bytes_max(options), Oversized::kRefuse),
      buffer_(std::make_unique<char[]>(kReadBytes)),
      keepalive_ms_(std::max(options.keepalive_seconds, kKeepaliveSecondsLeast) * kMsPerSecond),
      written_ms_(clock_.monotonic_ms()) {}

MqttConnection::~MqttConnection() = default;

Result<std::unique_ptr<MqttConnection>> MqttConnection::start(const MqttOptions& options,
                                                              MqttEvents& events,
                                                              std::size_t attempt) {
  const MqttEndpoint& endpoint = options.peer.endpoint;
  OwnTlsContext tls;
  if (endpoint.tls) {
    const std::int64_t verify_s = options.tls_time_ms ? options.tls_time_ms() / kMsPerSecond : 0;
    TRY(tls, make_tls_context(options.peer, verify_s));
  }
  TRY(const std::vector<SocketAddress> addresses, addresses_of(endpoint));
  TRY(Stream stream, Stream::connect(addresses, attempt, endpoint.host, tls.get()));
  std::unique_ptr<MqttConnection> connection(
      new MqttConnection(std::move(stream), std::move(tls), options, events));
  TRY(connection->queue_connect(options));
  return connection;
}

Status MqttConnection::queue_connect(const MqttOptions& options) {
  TRY(std::string password, read_password(options.peer));
  const std::string id = options.client_id.empty() ? random_client_id() : options.client_id;
  ConnectPacket connect;
  connect.client_id = id;
  connect.username = options.peer.username;
  connect.password = password;
  connect.clean_start = options.clean_start;
  connect.keepalive_seconds = std::max(options.keepalive_seconds, kKeepaliveSecondsLeast);
  connect.session_expiry_seconds = options.session_expiry_seconds;
  connect.receive_maximum = options.receive_maximum;
  connect.maximum_packet_bytes = packet_bytes_max(options);
  write_connect(out_, connect, version_);
  sodium_memzero(password.data(), password.size());
  return Done{};
}

bool MqttConnection::wants_write() const {
  return stream_.wants_write() || (!out_.empty() && !stream_.waits_to_read());
}

// --- reading

Result<bool> MqttConnection::read() {
  TRY(std::optional<Packet> packet, framer_.next(input_));
  if (!packet) {
    TRY(const std::size_t bytes, stream_.read(buffer_.get(), kReadBytes));
    if (bytes == 0) return false;
    input_ = std::string_view(buffer_.get(), bytes);
    TRY(packet, framer_.next(input_));
  }
  if (packet) {
    TRY(take(*packet));
  }
  return true;
}

Status MqttConnection::take(const Packet& packet) {
  const auto type = static_cast<PacketType>(packet.type);
  if ((type == PacketType::kConnack) == connected_) {
    return fail(ErrorCode::kMalformed, "MQTT: CONNACK is not the first packet", packet.type);
  }
  switch (type) {
    case PacketType::kConnack: return take_connack(packet);
    case PacketType::kPublish: return take_publish(packet);
    case PacketType::kPuback: return take_puback(packet);
    case PacketType::kSuback: return take_suback(packet);
    case PacketType::kUnsuback: return Done{};
    case PacketType::kPingresp: pinged_ms_ = -1; return Done{};
    case PacketType::kDisconnect: {
      TRY(const std::uint8_t reason, read_disconnect(packet));
      return fail(ErrorCode::kUnavailable, "MQTT: the broker ends the connection", reason);
    }
    default: return fail(ErrorCode::kMalformed, "MQTT: a packet that no broker sends", packet.type);
  }
}

Status MqttConnection::take_connack(const Packet& packet) {
  TRY(connack_, read_connack(packet, version_));
  if (connack_.reason != 0) {
    events_.on_refused(connack_.reason);
    return fail(ErrorCode::kUnavailable, "MQTT: the broker refuses the connection",
                connack_.reason);
  }
  if (connack_.keepalive_seconds) keepalive_ms_ = *connack_.keepalive_seconds * kMsPerSecond;
  connected_ = true;
  events_.on_connected(connack_.session_present);
  return Done{};
}

Status MqttConnection::take_publish(const Packet& packet) {
  TRY(const PublishPacket publish, read_publish(packet, version_));
  if (!subscribed_) return fail(ErrorCode::kMalformed, "MQTT: nothing was subscribed to");
  if (publish.qos > 1) return fail(ErrorCode::kUnsupported, "MQTT: QoS 2 was not asked for");
  if (out_.size() > kUnwrittenBytesMax) {
    return fail(ErrorCode::kFull, "MQTT: the broker sends and does not read");
  }
  if (publish.qos == 1) write_puback(out_, publish.id);
  // One whose topic can't be is acknowledged, or it would come for ever.
  if (publish.topic_valid) events_.on_message(publish.topic, publish.payload, publish.retained);
  return Done{};
}

// One for what was not sent, or a second one, says nothing.
Status MqttConnection::take_puback(const Packet& packet) {
  TRY(const PubackPacket puback, read_puback(packet, version_));
  if (outstanding_.erase(puback.id) > 0) events_.on_published(puback.id, puback.reason);
  return Done{};
}

Status MqttConnection::take_suback(const Packet& packet) {
  TRY(const SubackPacket suback, read_suback(packet, version_));
  std::vector<int> reasons;
  for (const char reason : suback.reasons) reasons.push_back(static_cast<std::uint8_t>(reason));
  events_.on_subscribed(reasons);
  return Done{};
}

// --- writing

Status MqttConnection::write() {
  std::size_t written = 0;
  while (written < out_.size()) {
    TRY(const std::size_t bytes, stream_.write(std::string_view(out_).substr(written)));
    if (bytes == 0) break;
    written += bytes;
    written_ms_ = clock_.monotonic_ms();
  }
  out_.erase(0, written);
  // A TLS handshake that wants to write does so here.
  if (out_.empty() && stream_.wants_write()) {
    TRY(stream_.write({}));
  }
  return Done{};
}

Status MqttConnection::tend() {
  const std::int64_t now = clock_.monotonic_ms();
  if (keepalive_ms_ == 0 || !connected_) return Done{};
  if (pinged_ms_ >= 0 && now - pinged_ms_ >= keepalive_ms_) {
    return fail(ErrorCode::kUnavailable, "MQTT: the broker does not answer");
  }
  if (pinged_ms_ < 0 && now - written_ms_ >= keepalive_ms_) {
    pinged_ms_ = now;
    write_pingreq(out_);
  }
  return Done{};
}

std::size_t MqttConnection::room() const {
  const std::size_t most = std::min<std::size_t>(connack_.receive_maximum, kMessageIds - 1);
  return connected_ && outstanding_.size() < most ? most - outstanding_.size() : 0;
}

std::uint16_t MqttConnection::next_id() {
  do {
    last_id_ = static_cast<std::uint16_t>(last_id_ % kMessageIds + 1);
  } while (outstanding_.count(last_id_) > 0);
  return last_id_;
}

Result<int> MqttConnection::publish(const std::string& topic, std::string_view payload) {
  if (room() == 0) return fail(ErrorCode::kFull, "MQTT: too much is unacknowledged");
  PublishHead head;
  head.id = next_id();
  const std::size_t before = out_.size();
  write_publish(out_, topic, payload, head, version_);
  const std::size_t bytes_max = connack_.maximum_packet_bytes;
  if (bytes_max > 0 && out_.size() - before > bytes_max) {
    out_.resize(before);
    return fail(ErrorCode::kTooLarge, "MQTT: longer than the broker takes",
                static_cast<std::int64_t>(bytes_max));
  }
  outstanding_.insert(head.id);
  return head.id;
}

Status MqttConnection::subscribe(const std::vector<std::string>& filters) {
  subscribed_ = true;
  for (const std::string& filter : filters) write_subscribe(out_, next_id(), {filter}, 1, version_);
  return Done{};
}

Status MqttConnection::unsubscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) write_unsubscribe(out_, next_id(), {filter}, version_);
  return Done{};
}

void MqttConnection::disconnect() { write_disconnect(out_); }

}  // namespace sudare
