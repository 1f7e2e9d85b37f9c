// One MQTT connection over libmosquitto, driven by its owner's poll loop: nothing here blocks but
// the look-up of a host name, and no thread is started. Collect and upload use it.
//
// libmosquitto 2.0.11, on which this relies (tests/system/gateway/mosquitto_contract_test.cc holds
// it to it):
//  - With mosquitto_threaded_set(true) and neither mosquitto_loop(), loop_start() nor
//    loop_forever(), nothing is written to the socket but by mosquitto_loop_write(). A PUBACK is
//    queued before the message callback and waits there.
//  - mosquitto_connect_bind_v5() keeps its properties even where it refuses the host, and
//    mosquitto_connect_bind_async(), which can't be given any, sends them. That is the only way to
//    a non-blocking connect with CONNECT properties.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/mqtt/tls_context.h"

struct mosquitto;

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
  // The broker acknowledged publish number `mid`; success where reason < 0x80.
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
  std::uint32_t maximum_packet_bytes = 0;    // that the broker may send; MQTT 5; 0: no limit
  // Unix ms by which the broker's certificate is judged, asked at each connect; empty: the system's
  // clock.
  std::function<std::int64_t()> tls_time_ms;
};

// Made connecting; gone for good once read(), write() or tend() fails: the owner makes another one.
class MqttConnection {
 public:
  // kUnavailable where the connect fails at once, kIo where a certificate or the password file
  // can't be read; detail is libmosquitto's code.
  static Result<std::unique_ptr<MqttConnection>> start(const MqttOptions& options,
                                                       MqttEvents& events);
  ~MqttConnection();
  MqttConnection(const MqttConnection&) = delete;
  MqttConnection& operator=(const MqttConnection&) = delete;

  [[nodiscard]] int fd() const;
  // Something waits to be written (or the TLS handshake wants to write).
  [[nodiscard]] bool wants_write() const;

  // Reads at most one packet (with TLS: what is already decrypted). False: nothing more is there.
  [[nodiscard]] Result<bool> read();
  // Writes everything that is queued, as far as the socket takes it. Bytes that leave together
  // share packets on the network.
  [[nodiscard]] Status write();
  // Keepalive; once a second or so.
  [[nodiscard]] Status tend();
  // The owner saw POLLERR or POLLHUP: true where that ends the connection. A TLS handshake that
  // fails so is not noticed by libmosquitto.
  [[nodiscard]] bool lost(short poll_events) const;

  // Queued until write(). QoS 1.
  [[nodiscard]] Result<int> publish(const std::string& topic, std::string_view payload);
  [[nodiscard]] Status subscribe(const std::vector<std::string>& filters);
  [[nodiscard]] Status unsubscribe(const std::vector<std::string>& filters);
  // Queued until write(), which then closes the connection.
  void disconnect();

 private:
  struct Callbacks;
  explicit MqttConnection(MqttEvents& events);

  MqttEvents& events_;
  TlsContext tls_;  // outlives the client
  mosquitto* client_ = nullptr;
  bool connected_ = false;
};

// "2.0.11" was tested; true where the linked library is another version.
[[nodiscard]] bool mqtt_library_untested();
struct MqttLibraryVersion {
  int major = 0;
  int minor = 0;
  int revision = 0;
};
[[nodiscard]] MqttLibraryVersion mqtt_library_version();

}  // namespace sudare
