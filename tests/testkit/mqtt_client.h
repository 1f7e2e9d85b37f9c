// A small MQTT client for tests: publishes and receives on a thread of libmosquitto's own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testkit/certificates.h"

struct mosquitto;
struct mosquitto_message;

namespace sudare::testkit {

struct MqttMessage {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retained = false;
};

struct MqttClientOptions {
  std::string host;  // empty: loopback
  std::uint16_t port = 0;
  std::string client_id;  // empty: random
  bool clean_session = true;
  std::filesystem::path ca_file;  // not empty: TLS
  std::optional<Certificate> certificate;
  std::string username;
  std::string password;
  // Called with each message, on the client's thread, in place of keeping it.
  std::function<void(const MqttMessage&)> take;
};

// Connects in the constructor; throws std::runtime_error where that fails within 10 s. Reconnects
// by itself. Any thread.
class MqttClient {
 public:
  explicit MqttClient(MqttClientOptions options);
  explicit MqttClient(std::uint16_t port);
  ~MqttClient();
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  // Returns once the broker has granted it.
  void subscribe(const std::string& filter, int qos = 1);
  // Waits while more than `outstanding_max` publishes are unacknowledged. False where it is
  // refused.
  bool publish(const std::string& topic, std::string_view payload, int qos = 1, bool retain = false,
               std::size_t outstanding_max = 500);
  // Until the broker has acknowledged everything that was published.
  bool flush(std::chrono::milliseconds longest = std::chrono::seconds(20));

  // Until at least `count` messages have come in in all.
  bool wait_for(std::size_t count, std::chrono::milliseconds longest = std::chrono::seconds(20));
  [[nodiscard]] std::vector<MqttMessage> messages() const;
  [[nodiscard]] std::size_t received() const;

 private:
  struct Callbacks;
  friend struct Callbacks;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool connected_ = false;
  std::size_t granted_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::function<void(const MqttMessage&)> take_;
  std::vector<MqttMessage> messages_;
  std::vector<std::pair<std::string, int>> subscriptions_;
  mosquitto* client_ = nullptr;
};

}  // namespace sudare::testkit
