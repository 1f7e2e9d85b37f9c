// Records everything that a broker hands out to a subscriber of "#": what somebody who got hold of
// the broker would have. A thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "gateway/mqtt/endpoint.h"
#include "sim/error.h"

namespace sudare::sim {

class Recorder {
 public:
  // Called with each message on the recorder's thread.
  using Taken = std::function<void(std::string_view topic, std::string_view payload)>;

  // Writes one file to `directory` (created): a message's topic, a line end, its payload, a line
  // end; then the next. `taken` may be empty. Returns once the broker has taken the subscription,
  // or an error after 10 s.
  static Parsed<std::unique_ptr<Recorder>> start(const MqttPeer& broker,
                                                 const std::filesystem::path& directory,
                                                 Taken taken = {});
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Ends recording; the file is then complete.
  void stop();
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  // The connection ended before stop(): the recording is not complete.
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  Recorder() = default;
  struct Session;
  void serve(Session& session);

  std::filesystem::path file_;
  Taken taken_;
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> stop_{false};
  std::atomic<bool> broken_{false};
  std::thread thread_;
};

}  // namespace sudare::sim
