// One MQTT connection, driven by its owner's poll loop: nothing here blocks but the look-up of a
// host name, and no thread is started. Upload and the receiving side use it; the intake has one of
// its own (collect/local_connection.h), which knows nothing of publishing and takes what is cut.
//
// Of our own, for what libmosquitto 2.0.11 does with a broker that sends what it likes: a property
// that it does not know is an assertion that fails, a DISCONNECT is a success for ever, and a
// packet is kept up to 256 MB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/mqtt/packet_framer.h"
#include "gateway/mqtt/packet_reader.h"
#include "gateway/mqtt/stream.h"
#include "gateway/mqtt/tls_context.h"

namespace sudare {

// What the broker says. Called from MqttConnection::read() on the owner's thread. Views are valid
// during the call.
class MqttEvents {
 public:
  virtual ~MqttEvents() = default;
  virtual void on_connected(bool session_present) = 0;
  // CONNACK with an error; the connection closes. `reason` is the protocol version's own code.
  virtual void on_refused(int reason) = 0;
  virtual void on_message(std::string_view topic, std::string_view payload, bool retained) {
    (void)topic, (void)payload, (void)retained;
  }
  // The broker acknowledged publish number `mid`, which was not acknowledged before; success where
  // reason < 0x80.
  virtual void on_published(int mid, int reason) { (void)mid, (void)reason; }
  // One code per filter; refused where ≥ 0x80.
  virtual void on_subscribed(const std::vector<int>& reasons) { (void)reasons; }
};

struct MqttOptions {
  MqttPeer peer;
  std::string client_id;                     // empty: 23 random characters
  bool clean_start = true;                   // false: a persistent session
  std::uint32_t session_expiry_seconds = 0;  // MQTT 5
  std::uint16_t keepalive_seconds = 60;      // at least 5
  std::uint16_t receive_maximum = 20;        // unacknowledged messages from the broker; MQTT 5
  // That the broker may send, and the most that is kept of it; 0: kMqttPacketBytesMax. Said in
  // MQTT 5.
  std::uint32_t maximum_packet_bytes = 0;
  // Unix ms by which the broker's certificate is judged, asked at each connect; empty: the system's
  // clock.
  std::function<std::int64_t()> tls_time_ms;
};

// MQTT's own limit is 256 MB; a sealed batch has 1 MiB and a little.
inline constexpr std::uint32_t kMqttPacketBytesMax = 4U << 20U;

// Made connecting; gone for good once read(), write() or tend() fails: the owner makes another one.
class MqttConnection {
 public:
  // kUnavailable where the connect fails at once, kIo where a certificate or the password file
  // can't be read; detail is errno, or getaddrinfo's code. `attempt` rises from try to try: it
  // takes a name's addresses in turn.
  static Result<std::unique_ptr<MqttConnection>> start(const MqttOptions& options,
                                                       MqttEvents& events, std::size_t attempt = 0);
  ~MqttConnection();
  MqttConnection(const MqttConnection&) = delete;
  MqttConnection& operator=(const MqttConnection&) = delete;

  [[nodiscard]] int fd() const { return stream_.fd(); }
  // Something waits to be written (or the TLS handshake wants to write).
  [[nodiscard]] bool wants_write() const;

  // Handles at most one packet. False: nothing more is there. Also to be called for any event of
  // poll(2)'s: it is how an error is found.
  [[nodiscard]] Result<bool> read();
  // Writes everything that is queued, as far as the socket takes it, acknowledgements of messages
  // that were handed on among it: none leaves before.
  [[nodiscard]] Status write();
  // Keepalive; once a second or so.
  [[nodiscard]] Status tend();

  // How many publishes may be unacknowledged beside those that are.
  [[nodiscard]] std::size_t room() const;
  // Queued until write(). QoS 1. Nothing is queued where it fails: kTooLarge, more than the broker
  // takes; kFull, room() is 0.
  [[nodiscard]] Result<int> publish(const std::string& topic, std::string_view payload);
  [[nodiscard]] Status subscribe(const std::vector<std::string>& filters);
  [[nodiscard]] Status unsubscribe(const std::vector<std::string>& filters);
  // Queued until write(); the broker closes the connection.
  void disconnect();

 private:
  MqttConnection(Stream stream, OwnTlsContext tls, const MqttOptions& options, MqttEvents& events);
  [[nodiscard]] Status queue_connect(const MqttOptions& options);
  [[nodiscard]] Status take(const Packet& packet);
  [[nodiscard]] Status take_connack(const Packet& packet);
  [[nodiscard]] Status take_publish(const Packet& packet);
  [[nodiscard]] Status take_puback(const Packet& packet);
  [[nodiscard]] Status take_suback(const Packet& packet);
  std::uint16_t next_id();

  const SystemClock clock_;
  const MqttVersion version_;
  MqttEvents& events_;
  OwnTlsContext tls_;  // outlives the stream
  Stream stream_;
  PacketFramer framer_;
  std::unique_ptr<char[]> buffer_;
  std::string_view input_;  // of buffer_: read and not yet handed on
  std::string out_;         // queued
  Connack connack_;
  bool connected_ = false;
  bool subscribed_ = false;
  std::set<std::uint16_t> outstanding_;  // publishes that are not acknowledged
  std::uint16_t last_id_ = 0;
  std::int64_t keepalive_ms_;
  std::int64_t written_ms_;
  std::int64_t pinged_ms_ = -1;  // the PINGREQ that is not answered
};

}  // namespace sudare
