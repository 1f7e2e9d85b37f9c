#include "gateway/mqtt/connection.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>

#include <cerrno>
#include <mutex>
#include <string>

#include "gateway/mqtt/login.h"

namespace sudare {
namespace {

// What the library is asked to do per call; it handles one packet whatever is said here.
constexpr int kOnePacket = 1;

void library_init() {
  static std::once_flag once;
  std::call_once(once, [] {
    mosquitto_lib_init();
    // The library writes with write(2): a peer that is gone would end the process.
    signal(SIGPIPE, SIG_IGN);
  });
}

tl::unexpected<Error> library_error(Literal what, int code) {
  return fail(code == MOSQ_ERR_TLS ? ErrorCode::kAuthentication : ErrorCode::kUnavailable, what,
              code);
}

Status set_login(mosquitto* client, const MqttPeer& peer) {
  if (peer.username.empty()) return Done{};
  TRY(std::string password, read_password(peer));
  const int code = mosquitto_username_pw_set(
      client, peer.username.c_str(), peer.password_file.empty() ? nullptr : password.c_str());
  sodium_memzero(password.data(), password.size());
  if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: user name or password", code);
  return Done{};
}

// See the file's head: the library keeps the properties although it refuses the missing host.
Status set_connect_properties(mosquitto* client, const MqttOptions& options) {
  if (options.peer.version != MqttVersion::k5) return Done{};
  mosquitto_property* properties = nullptr;
  int code = MOSQ_ERR_SUCCESS;
  if (options.session_expiry_seconds > 0) {
    code = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                        options.session_expiry_seconds);
  }
  if (code == MOSQ_ERR_SUCCESS && options.maximum_packet_bytes > 0) {
    code = mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                        options.maximum_packet_bytes);
  }
  if (code == MOSQ_ERR_SUCCESS && properties != nullptr) {
    code = mosquitto_connect_bind_v5(client, nullptr, 0, 0, nullptr, properties);
    if (code == MOSQ_ERR_INVAL) code = MOSQ_ERR_SUCCESS;
  }
  mosquitto_property_free_all(&properties);
  if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: CONNECT properties", code);
  return Done{};
}

}  // namespace

struct MqttConnection::Callbacks {
  static MqttConnection& self(void* user) { return *static_cast<MqttConnection*>(user); }

  static void on_connect(mosquitto* /*client*/, void* user, int reason, int flags,
                         const mosquitto_property* /*properties*/) {
    self(user).connected_ = reason == 0;
    if (reason == 0) self(user).events_.on_connected((flags & 1) != 0);
    else self(user).events_.on_refused(reason);
  }
  static void on_message(mosquitto* /*client*/, void* user, const mosquitto_message* message,
                         const mosquitto_property* /*properties*/) {
    const std::string_view payload(static_cast<const char*>(message->payload),
                                   static_cast<std::size_t>(message->payloadlen));
    self(user).events_.on_message(message->topic, payload, message->retain);
  }
  static void on_publish(mosquitto* /*client*/, void* user, int mid, int reason,
                         const mosquitto_property* /*properties*/) {
    self(user).events_.on_published(mid, reason);
  }
  static void on_subscribe(mosquitto* /*client*/, void* user, int /*mid*/, int count,
                           const int* granted, const mosquitto_property* /*properties*/) {
    self(user).events_.on_subscribed(std::vector<int>(granted, granted + count));
  }
};

MqttConnection::MqttConnection(MqttEvents& events) : events_(events) {}

Result<std::unique_ptr<MqttConnection>> MqttConnection::start(const MqttOptions& options,
                                                              MqttEvents& events) {
  library_init();
  std::unique_ptr<MqttConnection> connection(new MqttConnection(events));
  const std::string id = options.client_id.empty() ? random_client_id() : options.client_id;
  mosquitto* client = mosquitto_new(id.c_str(), options.clean_start, connection.get());
  if (client == nullptr) return fail(ErrorCode::kInternal, "MQTT: no client", errno);
  connection->client_ = client;
  mosquitto_threaded_set(client, true);
  const bool five = options.peer.version == MqttVersion::k5;
  mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION,
                       five ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, options.receive_maximum);
  // The owner bounds what is in flight; with MQTT 5 the broker's own limit holds as well.
  mosquitto_max_inflight_messages_set(client, 0);
  TRY(set_login(client, options.peer));
  if (options.peer.endpoint.tls) {
    const std::int64_t verify_s = options.tls_time_ms ? options.tls_time_ms() / 1000 : 0;
    TRY(connection->tls_.give_to(client, options.peer, verify_s));
  }
  TRY(set_connect_properties(client, options));
  mosquitto_connect_v5_callback_set(client, Callbacks::on_connect);
  mosquitto_message_v5_callback_set(client, Callbacks::on_message);
  mosquitto_publish_v5_callback_set(client, Callbacks::on_publish);
  mosquitto_subscribe_v5_callback_set(client, Callbacks::on_subscribe);
  const MqttEndpoint& endpoint = options.peer.endpoint;
  const int code =
      mosquitto_connect_bind_async(client, endpoint.host.c_str(), endpoint.port,
                                   std::max<int>(options.keepalive_seconds, 5), nullptr);
  // Negative: the connection is being made.
  if (code > 0) return library_error("MQTT: connect", code);
  probe_peer(connection->fd());
  return connection;
}

MqttConnection::~MqttConnection() {
  if (client_ != nullptr) mosquitto_destroy(client_);
}

int MqttConnection::fd() const { return mosquitto_socket(client_); }
bool MqttConnection::wants_write() const { return mosquitto_want_write(client_); }

Result<bool> MqttConnection::read() {
  errno = 0;  // the library leaves it alone where it handled a packet
  const int code = mosquitto_loop_read(client_, kOnePacket);
  const bool drained = errno == EAGAIN || errno == EWOULDBLOCK;
  if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: read", code);
  // The broker's DISCONNECT closes the socket, and the library says success to every later read.
  if (fd() < 0) return fail(ErrorCode::kUnavailable, "MQTT: the broker ends the connection");
  return !drained;
}

Status MqttConnection::write() {
  // A thousand PUBACKs are a thousand write calls in the library; held back until the last one they
  // leave as one segment instead of as many.
  const int socket = fd();
  set_socket_option(socket, IPPROTO_TCP, TCP_CORK, 1);
  const int code = mosquitto_loop_write(client_, kOnePacket);
  if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: write", code);
  if (fd() == socket) set_socket_option(socket, IPPROTO_TCP, TCP_CORK, 0);
  return Done{};
}

Status MqttConnection::tend() {
  const int code = mosquitto_loop_misc(client_);
  if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: keepalive", code);
  return Done{};
}

bool MqttConnection::lost(short poll_events) const {
  if (fd() < 0) return true;
  return !connected_ && (poll_events & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

Result<int> MqttConnection::publish(const std::string& topic, std::string_view payload) {
  int mid = 0;
  const int code =
      mosquitto_publish_v5(client_, &mid, topic.c_str(), static_cast<int>(payload.size()),
                           payload.data(), 1, false, nullptr);
  if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: publish", code);
  return mid;
}

Status MqttConnection::subscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    const int code = mosquitto_subscribe_v5(client_, nullptr, filter.c_str(), 1, 0, nullptr);
    if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: subscribe", code);
  }
  return Done{};
}

Status MqttConnection::unsubscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    const int code = mosquitto_unsubscribe_v5(client_, nullptr, filter.c_str(), nullptr);
    if (code != MOSQ_ERR_SUCCESS) return library_error("MQTT: unsubscribe", code);
  }
  return Done{};
}

void MqttConnection::disconnect() { (void)mosquitto_disconnect_v5(client_, 0, nullptr); }

MqttLibraryVersion mqtt_library_version() {
  MqttLibraryVersion version;
  mosquitto_lib_version(&version.major, &version.minor, &version.revision);
  return version;
}

bool mqtt_library_untested() {
  const MqttLibraryVersion version = mqtt_library_version();
  return version.major != 2 || version.minor != 0 || version.revision != 11;
}

}  // namespace sudare
