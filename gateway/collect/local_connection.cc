#include "gateway/collect/local_connection.h"

#include <poll.h>
#include <sodium.h>

#include <algorithm>
#include <utility>

#include "gateway/mqtt/login.h"
#include "gateway/mqtt/packet_writer.h"

namespace sudare {
namespace {

// One read: some hundred messages of 200 bytes, where the next commit takes a thousand.
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::int64_t kMsPerSecond = 1000;

// What the broker still sends while it closes may use up so many looks.
constexpr int kCloseTurns = 10;

// Where the broker may send what it likes (MQTT 3.1.1), a packet's beginning is enough to count it.
constexpr std::size_t kPacketBytesLeast = 1024;

}  // namespace

LocalConnection::LocalConnection(Stream stream, OwnTlsContext tls, const MqttOptions& options,
                                 LocalEvents& events, const Clock& clock)
    : version_(options.peer.version),
      clock_(clock),
      events_(events),
      tls_(std::move(tls)),
      stream_(std::move(stream)),
      framer_(std::max<std::size_t>(options.maximum_packet_bytes, kPacketBytesLeast),
              Oversized::kCut),
      buffer_(std::make_unique<char[]>(kReadBytes)),
      keepalive_ms_(options.keepalive_seconds * kMsPerSecond),
      written_ms_(clock.monotonic_ms()) {}

LocalConnection::~LocalConnection() = default;

Result<std::unique_ptr<LocalConnection>> LocalConnection::start(const MqttOptions& options,
                                                                std::size_t attempt,
                                                                LocalEvents& events,
                                                                const Clock& clock) {
  const MqttEndpoint& endpoint = options.peer.endpoint;
  OwnTlsContext tls;
  if (endpoint.tls) {
    const std::int64_t verify_s = options.tls_time_ms ? options.tls_time_ms() / kMsPerSecond : 0;
    TRY(tls, make_tls_context(options.peer, verify_s));
  }
  TRY(const std::vector<SocketAddress> addresses, addresses_of(endpoint));
  TRY(Stream stream, Stream::connect(addresses, attempt, endpoint.host, tls.get()));
  std::unique_ptr<LocalConnection> connection(
      new LocalConnection(std::move(stream), std::move(tls), options, events, clock));
  TRY(connection->queue_connect(options));
  return connection;
}

Status LocalConnection::queue_connect(const MqttOptions& options) {
  TRY(std::string password, read_password(options.peer));
  ConnectPacket connect;
  connect.client_id = options.client_id;
  connect.username = options.peer.username;
  connect.password = password;
  connect.clean_start = options.clean_start;
  connect.keepalive_seconds = options.keepalive_seconds;
  connect.session_expiry_seconds = options.session_expiry_seconds;
  connect.receive_maximum = options.receive_maximum;
  connect.maximum_packet_bytes = options.maximum_packet_bytes;
  write_connect(out_, connect, version_);
  sodium_memzero(password.data(), password.size());
  return Done{};
}

bool LocalConnection::wants_write() const {
  return stream_.wants_write() || (!out_.empty() && !stream_.waits_to_read());
}

// --- reading

Result<bool> LocalConnection::read() {
  TRY(std::optional<Packet> packet, framer_.next(input_));
  if (!packet) {
    // Reading on at once would follow the broker message by message.
    if (std::exchange(drained_, false)) return false;
    TRY(const std::size_t bytes, stream_.read(buffer_.get(), kReadBytes));
    if (bytes == 0) return false;
    drained_ = !tls_ && bytes < kReadBytes;
    input_ = std::string_view(buffer_.get(), bytes);
    TRY(packet, framer_.next(input_));
  }
  if (packet) {
    TRY(take(*packet));
  }
  return true;
}

Status LocalConnection::take(const Packet& packet) {
  switch (static_cast<PacketType>(packet.type)) {
    case PacketType::kConnack: return take_connack(packet);
    case PacketType::kPublish: return take_publish(packet);
    case PacketType::kSuback: {
      TRY(const SubackPacket suback, read_suback(packet, version_));
      events_.on_subscribed(suback.reasons);
      return Done{};
    }
    case PacketType::kUnsuback: return Done{};
    case PacketType::kPingresp: pinged_ms_ = -1; return Done{};
    case PacketType::kDisconnect: {
      TRY(const std::uint8_t reason, read_disconnect(packet));
      events_.on_refused(reason);
      return fail(ErrorCode::kUnavailable, "MQTT: the broker ends the connection", reason);
    }
    default: return fail(ErrorCode::kMalformed, "MQTT: a packet that no broker sends", packet.type);
  }
}

Status LocalConnection::take_connack(const Packet& packet) {
  TRY(const Connack connack, read_connack(packet, version_));
  if (connack.reason != 0) {
    events_.on_refused(connack.reason);
    return fail(ErrorCode::kUnavailable, "MQTT: the broker refuses the connection", connack.reason);
  }
  if (connack.keepalive_seconds) keepalive_ms_ = *connack.keepalive_seconds * kMsPerSecond;
  events_.on_connected(connack.session_present);
  return Done{};
}

Status LocalConnection::take_publish(const Packet& packet) {
  TRY(const PublishPacket publish, read_publish(packet, version_));
  if (publish.qos > 1) return fail(ErrorCode::kUnsupported, "MQTT: QoS 2 was not asked for");
  if (publish.qos == 1) write_puback(acknowledgements_, publish.id);
  events_.on_message(publish);
  return Done{};
}

// --- writing

void LocalConnection::acknowledge() {
  out_ += acknowledgements_;
  acknowledgements_.clear();
}

Status LocalConnection::write() {
  while (!out_.empty()) {
    TRY(const std::size_t bytes, stream_.write(out_));
    if (bytes == 0) return Done{};
    out_.erase(0, bytes);
    written_ms_ = clock_.monotonic_ms();
  }
  // A TLS handshake that wants to write does so here.
  if (stream_.wants_write()) {
    TRY(stream_.write({}));
  }
  return Done{};
}

Status LocalConnection::tend() {
  const std::int64_t now = clock_.monotonic_ms();
  if (keepalive_ms_ == 0) return Done{};
  if (pinged_ms_ >= 0 && now - pinged_ms_ >= keepalive_ms_) {
    return fail(ErrorCode::kUnavailable, "MQTT: the broker does not answer");
  }
  if (pinged_ms_ < 0 && now - written_ms_ >= keepalive_ms_) {
    pinged_ms_ = now;
    write_pingreq(out_);
  }
  return Done{};
}

void LocalConnection::publish(std::string_view topic, std::string_view payload) {
  PublishHead head;
  head.qos = 0;
  head.retained = true;
  write_publish(out_, topic, payload, head, version_);
}

void LocalConnection::subscribe(const std::vector<std::string>& filters) {
  // A packet each, so that a broker that refuses one as malformed is found out by its answer.
  for (const std::string& filter : filters) {
    last_id_ = static_cast<std::uint16_t>(last_id_ % 65'535 + 1);
    write_subscribe(out_, last_id_, {filter}, 1, version_);
  }
}

void LocalConnection::unsubscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    last_id_ = static_cast<std::uint16_t>(last_id_ % 65'535 + 1);
    write_unsubscribe(out_, last_id_, {filter}, version_);
  }
}

void LocalConnection::disconnect(std::int64_t ms_max) {
  write_disconnect(out_);
  for (int turn = 0; turn < kCloseTurns; ++turn) {
    if (!write()) return;
    pollfd one{fd(), static_cast<short>(wants_write() ? POLLIN | POLLOUT : POLLIN), 0};
    (void)poll(&one, 1, static_cast<int>(ms_max / kCloseTurns));
    // What it still sends is not read: it comes again.
    if ((one.revents & ~POLLOUT) != 0 && !stream_.read(buffer_.get(), kReadBytes)) return;
  }
}

}  // namespace sudare
