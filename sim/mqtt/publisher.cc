#include "sim/mqtt/publisher.h"

#include <mosquitto.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "gateway/mqtt/login.h"
#include "sim/stop.h"

namespace sudare::sim {

namespace {

constexpr int kKeepaliveSeconds = 30;
constexpr std::int64_t kConnectMsMax = 10'000;
constexpr std::int64_t kReconnectMs = 500;
// Unacknowledged at a time: enough to keep a broker busy over a network, far below the 65,535
// message ids.
constexpr std::size_t kOutstandingMax = 500;
constexpr std::size_t kMessageIds = 65'536;

std::int64_t now_ms() { return SystemClock().monotonic_ms(); }

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

Parsed<Done> set_credentials(mosquitto* client, const MqttPeer& broker) {
  if (!broker.username.empty()) {
    const auto password = read_password(broker);
    if (!password) {
      return input_error(broker.password_file, 0, "can't be read",
                         "its first line is the password");
    }
    mosquitto_username_pw_set(client, broker.username.c_str(), text_or_null(*password));
  }
  if (!broker.endpoint.tls) return Done{};
  if (broker.ca_file.empty()) {
    return input_error({}, 0, "mqtts needs a CA certificate", "pass --ca FILE");
  }
  const int code =
      mosquitto_tls_set(client, broker.ca_file.c_str(), nullptr, text_or_null(broker.cert_file),
                        text_or_null(broker.key_file), nullptr);
  if (code != MOSQ_ERR_SUCCESS) {
    return input_error({}, 0, std::string("certificates: ") + mosquitto_strerror(code),
                       "check --ca, --cert and --key");
  }
  return Done{};
}

}  // namespace

struct Publisher::Callbacks {
  static void on_connect(mosquitto* /*client*/, void* object, int code) {
    auto& publisher = *static_cast<Publisher*>(object);
    publisher.connected_ = code == 0;
    publisher.refused_ = code;
  }
  static void on_disconnect(mosquitto* /*client*/, void* object, int /*code*/) {
    static_cast<Publisher*>(object)->connected_ = false;
  }
  static void on_publish(mosquitto* /*client*/, void* object, int message_id) {
    static_cast<Publisher*>(object)->settle(message_id);
  }
};

Publisher::Publisher(int qos, Acknowledged acknowledged)
    : qos_(qos),
      acknowledged_(std::move(acknowledged)),
      sequence_of_(std::make_unique<std::uint64_t[]>(kMessageIds)) {}

Parsed<std::unique_ptr<Publisher>> Publisher::connect(const MqttPeer& broker, int qos,
                                                      Acknowledged acknowledged) {
  mosquitto_lib_init();
  std::unique_ptr<Publisher> publisher(new Publisher(qos, std::move(acknowledged)));
  // Without an id the library makes a random one.
  publisher->client_ = mosquitto_new(nullptr, true, publisher.get());
  mosquitto* client = publisher->client_;
  if (client == nullptr) return input_error({}, 0, "no memory for an MQTT client");
  mosquitto_connect_callback_set(client, Callbacks::on_connect);
  mosquitto_disconnect_callback_set(client, Callbacks::on_disconnect);
  mosquitto_publish_callback_set(client, Callbacks::on_publish);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  // kOutstandingMax bounds them; the library's own 20 would hold messages back out of sight.
  mosquitto_max_inflight_messages_set(client, 0);
  if (auto set = set_credentials(client, broker); !set) {
    return tl::unexpected<InputError>(set.error());
  }
  const std::string where = broker.endpoint.host + ":" + std::to_string(broker.endpoint.port);
  const int code = mosquitto_connect(client, broker.endpoint.host.c_str(), broker.endpoint.port,
                                     kKeepaliveSeconds);
  if (code != MOSQ_ERR_SUCCESS) {
    return input_error({}, 0, "broker " + where + ": " + mosquitto_strerror(code),
                       "is it running, and is --local-broker right?");
  }
  const std::int64_t deadline_ms = now_ms() + kConnectMsMax;
  while (!publisher->connected_ && publisher->refused_ == 0 && now_ms() < deadline_ms &&
         !stop_requested()) {
    if (mosquitto_loop(client, 100, 1) != MOSQ_ERR_SUCCESS) break;
  }
  if (publisher->connected_) return publisher;
  return input_error({}, 0,
                     "broker " + where +
                         (publisher->refused_ != 0
                              ? std::string(": ") + mosquitto_connack_string(publisher->refused_)
                              : " does not answer as an MQTT broker"),
                     "check user, password and certificates");
}

Publisher::~Publisher() {
  if (client_ == nullptr) return;
  if (connected_) mosquitto_disconnect(client_);
  mosquitto_destroy(client_);
}

void Publisher::settle(int message_id) {
  auto& sequence = sequence_of_[static_cast<std::size_t>(message_id) % kMessageIds];
  if (sequence == 0) return;
  const std::uint64_t settled = std::exchange(sequence, 0);
  --outstanding_;
  acknowledged_(settled);
}

void Publisher::serve(int ms) {
  if (mosquitto_loop(client_, ms, 1) == MOSQ_ERR_SUCCESS) return;
  connected_ = false;
  if (now_ms() < reconnect_at_ms_) {
    // The library returns at once without a connection: this wait keeps the loop from spinning.
    timespec pause{0, 20'000'000};
    nanosleep(&pause, nullptr);
    return;
  }
  reconnect_at_ms_ = now_ms() + kReconnectMs;
  ++reconnects_;
  // On failure the next round tries again; the tester sees it in the progress line.
  (void)mosquitto_reconnect(client_);
}

bool Publisher::publish(std::uint64_t sequence, const std::string& topic, std::string_view payload,
                        bool retained) {
  while (!connected_ || outstanding_ >= kOutstandingMax) {
    if (stop_requested()) return false;
    serve(20);
  }
  int message_id = 0;
  const int code =
      mosquitto_publish(client_, &message_id, topic.c_str(), static_cast<int>(payload.size()),
                        payload.data(), qos_, retained);
  // With QoS 1 the library keeps the message and sends it when the connection is back.
  const bool kept =
      code == MOSQ_ERR_SUCCESS || (qos_ > 0 && code != MOSQ_ERR_INVAL && code != MOSQ_ERR_NOMEM &&
                                   code != MOSQ_ERR_PAYLOAD_SIZE);
  if (!kept) return true;
  if (qos_ == 0) {
    acknowledged_(sequence);
    return true;
  }
  sequence_of_[static_cast<std::size_t>(message_id) % kMessageIds] = sequence;
  ++outstanding_;
  return true;
}

void Publisher::work(std::int64_t ms) {
  const std::int64_t until_ms = now_ms() + ms;
  do {
    const std::int64_t left_ms = std::max<std::int64_t>(0, until_ms - now_ms());
    serve(static_cast<int>(std::min<std::int64_t>(left_ms, 100)));
  } while (now_ms() < until_ms && !stop_requested());
}

void Publisher::drain(std::int64_t ms_max) {
  const std::int64_t until_ms = now_ms() + ms_max;
  while (outstanding_ > 0 && now_ms() < until_ms) serve(20);
}

}  // namespace sudare::sim
