#include "tests/testkit/mqtt_client.h"

#include <mosquitto.h>

#include <stdexcept>

namespace sudare::testkit {

struct MqttClient::Callbacks {
  static MqttClient& self(void* user) { return *static_cast<MqttClient*>(user); }

  static void on_connect(mosquitto* /*client*/, void* user, int code) {
    const std::scoped_lock lock(self(user).mutex_);
    self(user).connected_ = code == 0;
    for (const auto& [filter, qos] : self(user).subscriptions_) {
      mosquitto_subscribe(self(user).client_, nullptr, filter.c_str(), qos);
    }
    self(user).changed_.notify_all();
  }
  static void on_subscribe(mosquitto* /*client*/, void* user, int /*mid*/, int /*count*/,
                           const int* /*granted*/) {
    const std::scoped_lock lock(self(user).mutex_);
    ++self(user).granted_;
    self(user).changed_.notify_all();
  }
  static void on_publish(mosquitto* /*client*/, void* user, int /*mid*/) {
    const std::scoped_lock lock(self(user).mutex_);
    ++self(user).acknowledged_;
    self(user).changed_.notify_all();
  }
  static void on_message(mosquitto* /*client*/, void* user, const mosquitto_message* message) {
    const auto* bytes = static_cast<const char*>(message->payload);
    const std::size_t size = static_cast<std::size_t>(message->payloadlen);
    MqttMessage received;
    received.topic = message->topic;
    if (size > 0) received.payload.assign(bytes, size);
    received.qos = message->qos;
    received.retained = message->retain;
    if (self(user).take_) return self(user).take_(received);
    const std::scoped_lock lock(self(user).mutex_);
    self(user).messages_.push_back(std::move(received));
    self(user).changed_.notify_all();
  }
};

MqttClient::MqttClient(std::uint16_t port)
    : MqttClient([port] {
        MqttClientOptions options;
        options.port = port;
        return options;
      }()) {}

MqttClient::MqttClient(MqttClientOptions options) : take_(std::move(options.take)) {
  mosquitto_lib_init();
  client_ = mosquitto_new(options.client_id.empty() ? nullptr : options.client_id.c_str(),
                          options.clean_session || options.client_id.empty(), this);
  if (client_ == nullptr) throw std::runtime_error("mosquitto_new");
  mosquitto_connect_callback_set(client_, Callbacks::on_connect);
  mosquitto_subscribe_callback_set(client_, Callbacks::on_subscribe);
  mosquitto_publish_callback_set(client_, Callbacks::on_publish);
  mosquitto_message_callback_set(client_, Callbacks::on_message);
  mosquitto_max_inflight_messages_set(client_, 0);
  mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
  if (!options.username.empty()) {
    mosquitto_username_pw_set(client_, options.username.c_str(), options.password.c_str());
  }
  const bool tls = !options.ca_file.empty();
  if (tls) {
    const char* certificate =
        options.certificate ? options.certificate->certificate.c_str() : nullptr;
    const char* key = options.certificate ? options.certificate->key.c_str() : nullptr;
    if (mosquitto_tls_set(client_, options.ca_file.c_str(), nullptr, certificate, key, nullptr) !=
        MOSQ_ERR_SUCCESS) {
      throw std::runtime_error("mosquitto_tls_set");
    }
  }
  mosquitto_reconnect_delay_set(client_, 1, 1, false);
  std::string host = options.host;
  if (host.empty()) host = tls ? "localhost" : "127.0.0.1";
  if (mosquitto_connect(client_, host.c_str(), options.port, 60) != MOSQ_ERR_SUCCESS) {
    mosquitto_destroy(client_);
    throw std::runtime_error("test client: no connection");
  }
  mosquitto_loop_start(client_);
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return connected_; })) {
    lock.unlock();
    mosquitto_loop_stop(client_, true);
    mosquitto_destroy(client_);
    throw std::runtime_error("test client: connection refused");
  }
}

MqttClient::~MqttClient() {
  mosquitto_disconnect(client_);
  mosquitto_loop_stop(client_, true);
  mosquitto_destroy(client_);
}

void MqttClient::subscribe(const std::string& filter, int qos) {
  std::unique_lock lock(mutex_);
  const std::size_t before = granted_;
  subscriptions_.emplace_back(filter, qos);
  lock.unlock();
  mosquitto_subscribe(client_, nullptr, filter.c_str(), qos);
  lock.lock();
  if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return granted_ > before; })) {
    throw std::runtime_error("test client: no SUBACK");
  }
}

bool MqttClient::publish(const std::string& topic, std::string_view payload, int qos, bool retain,
                         std::size_t outstanding_max) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return published_ - acknowledged_ <= outstanding_max; });
  ++published_;
  lock.unlock();
  const int result =
      mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(payload.size()),
                        payload.data(), qos, retain);
  // While it is not connected, the library keeps it for the next connection.
  const bool kept = qos > 0 && (result == MOSQ_ERR_NO_CONN || result == MOSQ_ERR_CONN_LOST ||
                                result == MOSQ_ERR_ERRNO);
  if (result == MOSQ_ERR_SUCCESS || kept) return true;
  lock.lock();
  --published_;
  return false;
}

bool MqttClient::flush(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [&] { return published_ == acknowledged_; });
}

bool MqttClient::wait_for(std::size_t count, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [&] { return messages_.size() >= count; });
}

std::vector<MqttMessage> MqttClient::messages() const {
  const std::scoped_lock lock(mutex_);
  return messages_;
}

std::size_t MqttClient::received() const {
  const std::scoped_lock lock(mutex_);
  return messages_.size();
}

}  // namespace sudare::testkit
