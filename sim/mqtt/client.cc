#include "sim/mqtt/client.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "gateway/mqtt/login.h"
#include "gateway/mqtt/packet_writer.h"

namespace sudare::sim {

namespace {

// Message ids of publishes: 1 to 65,534. The last one is the subscription's.
constexpr std::size_t kMessageIds = 65'534;
constexpr std::uint16_t kSubscribeId = 65'535;
// What a broker may send: MQTT's own limit is 256 MB; a sealed batch has 1 MiB and a little.
constexpr std::size_t kPacketBytesMax = 4U << 20U;
// One read: the loop-back socket's buffer holds some hundred KiB.
constexpr std::size_t kReadBytes = 128U << 10U;
// Written bytes at the front of a buffer are kept until they are so many: moving costs.
constexpr std::size_t kWrittenBytesMax = 64U << 10U;

std::uint16_t id_of(std::uint64_t number) {
  return static_cast<std::uint16_t>(number % kMessageIds + 1);
}

}  // namespace

Result<Broker> Broker::find(const MqttPeer& peer) {
  Broker broker;
  broker.peer = peer;
  TRY(broker.addresses, addresses_of(peer.endpoint));
  if (peer.endpoint.tls) {
    TRY(broker.tls, make_tls_context(peer, 0));
  }
  TRY(broker.password, read_password(peer));
  return broker;
}

Client::Client(const Broker& broker, Stream stream, ClientEvents& events)
    : broker_(&broker),
      events_(&events),
      stream_(std::move(stream)),
      framer_(kPacketBytesMax, Oversized::kRefuse) {}

Result<Client> Client::start(const Broker& broker, const ClientOptions& options,
                             ClientEvents& events) {
  TRY(Stream stream, Stream::connect(broker.addresses, options.attempt, broker.peer.endpoint.host,
                                     broker.tls.get()));
  Client client(broker, std::move(stream), events);
  client.keepalive_seconds_ = options.keepalive_seconds;
  const std::string id = options.client_id.empty() ? random_client_id() : options.client_id;
  ConnectPacket connect;
  connect.client_id = id;
  connect.username = broker.peer.username;
  connect.password = broker.password;
  connect.clean_start = options.clean_start;
  connect.keepalive_seconds = options.keepalive_seconds;
  connect.session_expiry_seconds = options.session_expiry_seconds;
  connect.receive_maximum = options.receive_maximum;
  connect.maximum_packet_bytes = kPacketBytesMax;
  write_connect(client.out_, connect, broker.peer.version);
  return client;
}

short Client::wants() const {
  const bool write = stream_.wants_write() || (unwritten_bytes() > 0 && !stream_.waits_to_read());
  return static_cast<short>(write ? POLLIN | POLLOUT : POLLIN);
}

Status Client::flush() {
  while (unwritten_bytes() > 0) {
    TRY(const std::size_t bytes, stream_.write(std::string_view(out_).substr(written_)));
    if (bytes == 0) break;
    written_ += bytes;
    said_ = true;
  }
  if (unwritten_bytes() == 0) {
    out_.clear();
    written_ = 0;
    if (out_.capacity() > 2 * kWrittenBytesMax) std::string().swap(out_);
  } else if (written_ > kWrittenBytesMax) {
    out_.erase(0, written_);
    written_ = 0;
  }
  return Done{};
}

Status Client::exchange(std::size_t bytes_max) {
  const Status written = flush();
  if (!written && written.error().code != ErrorCode::kUnavailable) return written;
  // A broker that refuses says why before it closes: its word comes before the failed write.
  TRY(read(bytes_max));
  if (!written) return written;
  return flush();
}

Status Client::read(std::size_t bytes_max) {
  static thread_local std::array<char, kReadBytes> buffer;
  for (std::size_t taken = 0; taken < bytes_max;) {
    TRY(const std::size_t bytes, stream_.read(buffer.data(), buffer.size()));
    std::string_view input(buffer.data(), bytes);
    while (true) {
      TRY(const std::optional<Packet> packet, framer_.next(input));
      if (!packet) break;
      TRY(take(*packet));
    }
    // TLS hands out a record at a time, however many the socket holds.
    const bool drained = broker_->tls == nullptr && bytes < buffer.size();
    if (bytes == 0 || drained) break;
    taken += bytes;
  }
  return Done{};
}

Status Client::tend(std::int64_t now_ms) {
  if (keepalive_seconds_ == 0 || !connected_) return Done{};
  if (std::exchange(heard_, false) || heard_ms_ == 0) heard_ms_ = now_ms;
  if (std::exchange(said_, false) || said_ms_ == 0) said_ms_ = now_ms;
  const std::int64_t keepalive_ms = std::int64_t{keepalive_seconds_} * 1000;
  if (now_ms - heard_ms_ > 2 * keepalive_ms) {
    return fail(ErrorCode::kUnavailable, "MQTT: the broker does not answer");
  }
  const std::int64_t quiet_since_ms = std::min(heard_ms_, said_ms_);
  if (now_ms - quiet_since_ms < keepalive_ms / 2) return Done{};
  write_pingreq(out_);
  return flush();
}

// --- from the broker

Status Client::take(const Packet& packet) {
  heard_ = true;
  const MqttVersion version = broker_->peer.version;
  const auto type = static_cast<PacketType>(packet.type);
  if ((type == PacketType::kConnack) == connected_) {
    return fail(ErrorCode::kMalformed, "MQTT: CONNACK is not the first packet", packet.type);
  }
  switch (type) {
    case PacketType::kConnack: {
      TRY(const Connack connack, read_connack(packet, version));
      if (connack.reason != 0) {
        return fail(ErrorCode::kRefused, "MQTT: the broker refuses the connection", connack.reason);
      }
      keepalive_seconds_ = connack.keepalive_seconds.value_or(keepalive_seconds_);
      connack_ = connack;
      connected_ = true;
      events_->on_connected(connack.session_present);
      return Done{};
    }
    case PacketType::kPublish: return take_publish(packet);
    case PacketType::kPuback: {
      TRY(const PubackPacket puback, read_puback(packet, version));
      take_acknowledgement(puback);
      return Done{};
    }
    case PacketType::kSuback: {
      TRY(const SubackPacket suback, read_suback(packet, version));
      events_->on_subscribed(suback.reasons);
      return Done{};
    }
    case PacketType::kPingresp: return Done{};
    case PacketType::kDisconnect: {
      TRY(const std::uint8_t reason, read_disconnect(packet));
      // It took this client: what is wrong with it, the next CONNACK says.
      return fail(ErrorCode::kUnavailable, "MQTT: the broker ends the connection", reason);
    }
    default: return fail(ErrorCode::kMalformed, "MQTT: an unexpected packet", packet.type);
  }
}

Status Client::take_publish(const Packet& packet) {
  TRY(const PublishPacket publish, read_publish(packet, broker_->peer.version));
  if (publish.qos > 1) return fail(ErrorCode::kUnsupported, "MQTT: QoS 2 was not asked for");
  if (!publish.topic_valid) return fail(ErrorCode::kMalformed, "MQTT: topic");
  events_->on_message(publish);
  if (publish.qos == 1) write_puback(out_, publish.id);
  return Done{};
}

void Client::take_acknowledgement(const PubackPacket& puback) {
  // Brokers acknowledge in order: it is the first one.
  const auto found = std::find_if(outstanding_.begin(), outstanding_.end(),
                                  [&](std::uint64_t number) { return id_of(number) == puback.id; });
  if (found == outstanding_.end()) return;
  outstanding_.erase(found);
  events_->on_acknowledged(puback.id, puback.reason);
}

// --- to the broker

Result<std::uint16_t> Client::publish(std::string_view topic, std::string_view payload, int qos,
                                      bool retained, std::string_view numbered) {
  PublishHead head;
  head.qos = static_cast<std::uint8_t>(qos);
  head.retained = retained;
  head.sequence = numbered;
  if (qos > 0) {
    const bool ids_used = !outstanding_.empty() && published_ - outstanding_.front() >= kMessageIds;
    if (ids_used || outstanding_.size() >= connack_.receive_maximum) {
      return fail(ErrorCode::kFull, "MQTT: too much is unacknowledged");
    }
    head.id = id_of(published_);
  }
  const std::size_t before = out_.size();
  write_publish(out_, topic, payload, head, broker_->peer.version);
  const std::size_t bytes_max = connack_.maximum_packet_bytes;
  if (bytes_max > 0 && out_.size() - before > bytes_max) {
    out_.resize(before);
    return fail(ErrorCode::kTooLarge, "MQTT: longer than the broker takes",
                static_cast<std::int64_t>(bytes_max));
  }
  if (qos > 0) outstanding_.push_back(published_++);
  return head.id;
}

void Client::subscribe(const std::vector<std::string>& filters, int qos) {
  write_subscribe(out_, kSubscribeId, filters, static_cast<std::uint8_t>(qos),
                  broker_->peer.version);
}

void Client::disconnect() { write_disconnect(out_); }

}  // namespace sudare::sim
