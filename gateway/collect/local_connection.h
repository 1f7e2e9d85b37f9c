// One connection to the in-vehicle broker. Its own reader and writer instead of libmosquitto's,
// which takes four reads and two writes for a message of 200 bytes (docs/performance.md): bytes of
// many packets come in one read, and the acknowledgements of a commit leave in one write. QoS 1
// only; nothing blocks but the look-up of a host name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/mqtt/connection.h"
#include "gateway/mqtt/packet_framer.h"
#include "gateway/mqtt/packet_reader.h"
#include "gateway/mqtt/stream.h"

namespace sudare {

// Called from LocalConnection::read(). Views are valid during the call.
class LocalEvents {
 public:
  virtual ~LocalEvents() = default;
  virtual void on_connected(bool session_present) = 0;
  // CONNACK or DISCONNECT with an error; the connection closes.
  virtual void on_refused(int reason) = 0;
  virtual void on_message(const PublishPacket& message) = 0;
  // A byte per filter; refused where ≥ 0x80.
  virtual void on_subscribed(std::string_view reasons) = 0;
};

// Made connecting; gone for good once read(), write() or tend() fails: the owner makes another one.
class LocalConnection {
 public:
  // `attempt` rises from try to try: it takes a name's addresses in turn.
  // `options.maximum_packet_bytes` also bounds what is kept of a packet. Keeps references to events
  // and clock. kUnavailable where the connect fails at once, kIo where a certificate or the
  // password file can't be read.
  static Result<std::unique_ptr<LocalConnection>> start(const MqttOptions& options,
                                                        std::size_t attempt, LocalEvents& events,
                                                        const Clock& clock);
  ~LocalConnection();
  LocalConnection(const LocalConnection&) = delete;
  LocalConnection& operator=(const LocalConnection&) = delete;

  [[nodiscard]] int fd() const { return stream_.fd(); }
  [[nodiscard]] bool wants_write() const;

  // Stream::wait_for().
  void wait_for(std::size_t bytes) { stream_.wait_for(bytes); }

  // Hands on at most one packet. False: nothing more is there now.
  [[nodiscard]] Result<bool> read();
  // Everything that was handed on is on disk: its acknowledgements may leave. Queued until write().
  void acknowledge();
  // Writes what is queued, as far as the socket takes it.
  [[nodiscard]] Status write();
  // Keepalive; once a second or so.
  [[nodiscard]] Status tend();

  // Retained, QoS 0. Queued until write().
  void publish(std::string_view topic, std::string_view payload);
  // Queued until write().
  void subscribe(const std::vector<std::string>& filters);
  void unsubscribe(const std::vector<std::string>& filters);
  // Tells the broker, and waits until it has read everything and closes, at most `ms_max`. A broker
  // that reads one packet at a time would not see the last acknowledgements if the next connection
  // of this session came before. Of no further use then.
  void disconnect(std::int64_t ms_max);

 private:
  LocalConnection(Stream stream, OwnTlsContext tls, const MqttOptions& options, LocalEvents& events,
                  const Clock& clock);
  [[nodiscard]] Status queue_connect(const MqttOptions& options);
  [[nodiscard]] Status take(const Packet& packet);
  [[nodiscard]] Status take_connack(const Packet& packet);
  [[nodiscard]] Status take_publish(const Packet& packet);

  const MqttVersion version_;
  const Clock& clock_;
  LocalEvents& events_;
  OwnTlsContext tls_;  // outlives the stream
  Stream stream_;
  PacketFramer framer_;
  std::unique_ptr<char[]> buffer_;
  std::string_view input_;        // of buffer_: read and not yet handed on
  bool drained_ = false;          // it was all that was there; TLS may have decrypted more
  std::string out_;               // queued
  std::string acknowledgements_;  // of what is not on disk yet
  std::uint16_t last_id_ = 0;     // of our SUBSCRIBE and UNSUBSCRIBE
  std::int64_t keepalive_ms_;
  std::int64_t written_ms_;
  std::int64_t pinged_ms_ = -1;  // the PINGREQ that is not answered
};

}  // namespace sudare
