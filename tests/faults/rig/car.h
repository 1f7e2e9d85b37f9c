// A producer in the car that publishes numbered messages with canaries as fast as they are taken,
// from a thread of its own, until it is stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace sudare::faults {

struct CarOptions {
  std::uint16_t port = 0;  // of the in-vehicle broker, on 127.0.0.1
  std::string topic = "test/json";
  // As a producer of the gateway's receipts (kReceiptsConfig names one), which keeps each message
  // until its receipt and sends it again after a reconnect. Empty: until the broker's PUBACK.
  std::string producer;
  std::uint64_t first = 0;  // the first number
  std::uint64_t messages_max = UINT64_MAX;
  double per_second = 0;  // 0: as fast as they are taken
};

// For UnitOptions::extra_config: a producer "car" on the test topics.
inline constexpr const char* kReceiptsConfig =
    "receipts { name: \"car\" topic: \"test/#\" topic: \"vehicle/#\" }\n";
inline constexpr const char* kProducer = "car";

class Car {
 public:
  // Connects at once; throws std::runtime_error where that fails within 10 s. With `producer`, the
  // gateway must be up or have been.
  explicit Car(CarOptions options);
  ~Car();
  Car(const Car&) = delete;
  Car& operator=(const Car&) = delete;

  // Published so far, the first numbers; and settled: by the broker's PUBACK, or by receipt.
  [[nodiscard]] std::uint64_t published() const { return published_; }
  [[nodiscard]] std::uint64_t settled() const { return settled_; }

  // Publishes no more, and waits until all is settled or the time is over. True: all is.
  bool stop(std::chrono::milliseconds longest = std::chrono::seconds(60));

 private:
  void run();

  CarOptions options_;
  std::chrono::milliseconds drain_{0};
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connected_ = 0;  // 1: yes; -1: failed
  std::atomic<std::uint64_t> published_ = 0;
  std::atomic<std::uint64_t> settled_ = 0;
  std::string error_;
  std::thread thread_;
};

}  // namespace sudare::faults
