// One MQTT connection with one descriptor, no thread and no memory to speak of: for ten thousand
// cars in one process, and for load that must not be the bottleneck (bytes of many messages leave
// in one call, acknowledgements too). Reconnecting is the owner's business: it makes another
// Client.
#pragma once

#include <poll.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/mqtt/packet_framer.h"
#include "gateway/mqtt/packet_reader.h"
#include "gateway/mqtt/stream.h"

namespace sudare::sim {

// Where clients connect to and how they show themselves: looked up and read once, for all of them.
struct Broker {
  MqttPeer peer;
  std::vector<SocketAddress> addresses;
  OwnTlsContext tls;     // null: plain
  std::string password;  // the first line of its file

  // Blocks while it looks up a name. Errors of addresses_of() and make_tls_context(); kIo: the
  // password file.
  static Result<Broker> find(const MqttPeer& peer);
};

struct ClientOptions {
  std::string client_id;  // empty: random_client_id()
  bool clean_start = true;
  std::uint32_t session_expiry_seconds = 0;  // MQTT 5
  std::uint16_t receive_maximum = 0;         // MQTT 5; 0: the broker's own bound
  std::uint16_t keepalive_seconds = 60;      // 0: none
  std::size_t attempt = 0;                   // rises from try to try: takes the addresses in turn
};

// Called from Client::exchange(). Views are valid during the call.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  virtual void on_connected(bool session_present) = 0;
  // The broker acknowledged a publish; refused where reason ≥ 0x80.
  virtual void on_acknowledged(std::uint16_t id, std::uint8_t reason) { (void)id, (void)reason; }
  // QoS 1 is acknowledged when this returns.
  virtual void on_message(const PublishPacket& message) { (void)message; }
  // A byte per filter; refused where ≥ 0x80.
  virtual void on_subscribed(std::string_view reasons) { (void)reasons; }
};

class Client {
 public:
  // Begins to connect. Keeps references to both. Errors as Stream::connect().
  static Result<Client> start(const Broker& broker, const ClientOptions& options,
                              ClientEvents& events);

  [[nodiscard]] int fd() const { return stream_.fd(); }
  // What to wait for: POLLIN, and POLLOUT where something waits to be written.
  [[nodiscard]] short wants() const;
  // The broker's CONNACK came. How long to wait for it is the owner's business.
  [[nodiscard]] bool connected() const { return connected_; }

  // Writes and reads what the socket takes and has, at most `bytes_max` of the latter and the rest
  // of one read. An error ends the connection; its detail is the broker's reason code, if it named
  // one. kRefused: its CONNACK said no.
  [[nodiscard]] Status exchange(std::size_t bytes_max);
  // Only writes.
  [[nodiscard]] Status flush();
  // About once a second: keeps the connection alive. kUnavailable: the broker does not answer.
  [[nodiscard]] Status tend(std::int64_t now_ms);

  // Stream::wait_for().
  void wait_for(std::size_t bytes) { stream_.wait_for(bytes); }

  // Queued until flush() or exchange(). The number on_acknowledged() will name; 0 with QoS 0.
  // Nothing was queued: kFull, as many are unacknowledged as the broker takes (MQTT 5: its receive
  // maximum, which is known once connected() is; else 65,534); kTooLarge, longer than it takes.
  // `numbered`: PublishHead::sequence.
  [[nodiscard]] Result<std::uint16_t> publish(std::string_view topic, std::string_view payload,
                                              int qos, bool retained,
                                              std::string_view numbered = {});
  // Not again before on_subscribed().
  void subscribe(const std::vector<std::string>& filters, int qos);
  // Queued until flush(); the broker closes the connection.
  void disconnect();

  [[nodiscard]] std::size_t outstanding() const { return outstanding_.size(); }
  [[nodiscard]] std::size_t unwritten_bytes() const { return out_.size() - written_; }

 private:
  Client(const Broker& broker, Stream stream, ClientEvents& events);
  [[nodiscard]] Status read(std::size_t bytes_max);
  [[nodiscard]] Status take(const Packet& packet);
  [[nodiscard]] Status take_publish(const Packet& packet);
  void take_acknowledgement(const PubackPacket& puback);

  const Broker* broker_;
  ClientEvents* events_;
  Stream stream_;
  PacketFramer framer_;
  std::string out_;
  std::size_t written_ = 0;  // of out_
  bool connected_ = false;
  Connack connack_;
  // Publishes are numbered from 0; a message id is the number's place in 1 … 65,534.
  std::uint64_t published_ = 0;
  std::deque<std::uint64_t> outstanding_;
  std::uint16_t keepalive_seconds_ = 0;
  std::int64_t heard_ms_ = 0;  // when tend() last knew of a packet
  std::int64_t said_ms_ = 0;
  bool heard_ = false;
  bool said_ = false;
};

}  // namespace sudare::sim
