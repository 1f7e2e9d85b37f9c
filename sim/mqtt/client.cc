#include "sim/mqtt/client.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "gateway/mqtt/packet_writer.h"
#include "sim/error.h"

namespace sudare::sim {

namespace {

constexpr std::size_t kMessageIds = 65'535;
constexpr std::size_t kPasswordBytesMax = 4096;
// What a broker may send: MQTT's own limit is 256 MB; a sealed batch has 1 MiB and a little.
constexpr std::size_t kPacketBytesMax = 4U << 20U;
// One read: the loop-back socket's buffer holds some hundred KiB.
constexpr std::size_t kReadBytes = 128U << 10U;
// Written bytes at the front of a buffer are kept until they are so many: moving costs.
constexpr std::size_t kWrittenBytesMax = 64U << 10U;

std::string random_client_id() {
  static constexpr std::string_view kAlphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string id(23, '0');
  for (char& c : id) {
    c = kAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
  }
  return id;
}

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
  if (peer.password_file.empty()) return broker;
  auto read = read_whole_file(peer.password_file, kPasswordBytesMax);
  if (!read) return fail(ErrorCode::kIo, "MQTT: the password file can't be read");
  broker.password = read->substr(0, read->find_first_of("\r\n"));
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
  write_connect(client.out_, connect, broker.peer.version);
  return client;
}

short Client::wants() const {
  const bool write = unwritten_bytes() > 0 || stream_.wants_write();
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
  static thread_local std::array<char, kReadBytes> buffer;
  TRY(flush());
  for (std::size_t taken = 0;;) {
    TRY(const std::size_t bytes, stream_.read(buffer.data(), buffer.size()));
    std::string_view input(buffer.data(), bytes);
    while (true) {
      TRY(const std::optional<Packet> packet, framer_.next(input));
      if (!packet) break;
      TRY(take(*packet));
    }
    taken += bytes;
    const bool drained = bytes < buffer.size() && !stream_.has_decrypted();
    if (bytes == 0 || drained || taken >= bytes_max) break;
  }
  return flush();
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
  switch (static_cast<PacketType>(packet.type)) {
    case PacketType::kConnack: {
      TRY(const Connack connack, read_connack(packet, version));
      if (connack.reason != 0) {
        return fail(ErrorCode::kRefused, "MQTT: the broker refuses the connection", connack.reason);
      }
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
      return fail(ErrorCode::kRefused, "MQTT: the broker ends the connection", reason);
    }
    default: return fail(ErrorCode::kMalformed, "MQTT: a packet that no broker sends", packet.type);
  }
}

Status Client::take_publish(const Packet& packet) {
  TRY(const PublishPacket publish, read_publish(packet, broker_->peer.version));
  if (publish.qos > 1) return fail(ErrorCode::kUnsupported, "MQTT: QoS 2 was not asked for");
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
                                      bool retained) {
  PublishHead head;
  head.qos = static_cast<std::uint8_t>(qos);
  head.retained = retained;
  if (qos > 0) {
    if (!outstanding_.empty() && published_ - outstanding_.front() >= kMessageIds) {
      return fail(ErrorCode::kFull, "MQTT: no free message id");
    }
    head.id = id_of(published_);
    outstanding_.push_back(published_++);
  }
  write_publish(out_, topic, payload, head, broker_->peer.version);
  return head.id;
}

void Client::subscribe(const std::vector<std::string>& filters, int qos) {
  write_subscribe(out_, ++subscriptions_, filters, static_cast<std::uint8_t>(qos),
                  broker_->peer.version);
}

void Client::disconnect() { write_disconnect(out_); }

}  // namespace sudare::sim
