// The uploader's thread and its connection: what goes over it is outgoing.h's to say.
// Uploader (uploader.h) is its face to the committing thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "gateway/mqtt/backoff.h"
#include "gateway/mqtt/connection.h"
#include "gateway/store/outbox_reader.h"
#include "gateway/upload/event_fd.h"
#include "gateway/upload/outgoing.h"
#include "gateway/upload/uploader.h"

namespace sudare {

class UploadWorker final : private MqttEvents, private Uplink {
 public:
  // Keeps a reference to the clock.
  UploadWorker(const UploadOptions& options, const Clock& clock,
               std::unique_ptr<OutboxReader> reader);

  [[nodiscard]] bool has_descriptors() const { return wake_.fd() >= 0 && handoff_.fd() >= 0; }
  void start() {
    thread_ = std::thread([this] { run(); });
  }

  // --- from the committing thread
  void wake() {
    status_.with([this](UploadStatus& status) {
      look_now_.store(true);
      status.idle = false;
    });
    wake_.raise();
  }
  [[nodiscard]] int handoff_fd() const { return handoff_.fd(); }
  UploadHandoff take() {
    handoff_.lower();
    return handed_over_.with([](UploadHandoff& handoff) { return std::exchange(handoff, {}); });
  }
  void deleted(const std::vector<RowId>& ids) {
    if (ids.empty()) return;
    deleted_.with([&](std::vector<RowId>& all) { all.insert(all.end(), ids.begin(), ids.end()); });
    wake();
  }
  void withhold(std::vector<std::string> purposes) {
    withheld_.with([&](std::vector<std::string>& all) { all = std::move(purposes); });
    wake();
  }
  void allow(std::map<std::string, std::uint64_t> bytes) {
    allowed_.with([&](std::map<std::string, std::uint64_t>& all) { all = std::move(bytes); });
    wake();
  }
  [[nodiscard]] UploadStatus status() const {
    return status_.with([](const UploadStatus& status) { return status; });
  }
  bool stop(std::int64_t longest_ms) {
    stopping_.store(true);
    wake_.raise();
    std::unique_lock lock(end_mutex_);
    if (!end_.wait_for(lock, std::chrono::milliseconds(longest_ms), [this] { return ended_; })) {
      return false;
    }
    lock.unlock();
    if (thread_.joinable()) thread_.join();
    return true;
  }
  void join() {
    stopping_.store(true);
    wake_.raise();
    if (thread_.joinable()) thread_.join();
  }

 private:
  // --- on the worker's thread
  void run();
  void turn();
  void connect();
  void lost(const Error& error);
  void exchange(short events);
  void tend();
  [[nodiscard]] std::int64_t timeout_ms() const;
  void tell();

  void on_connected(bool /*session_present*/) override;
  void on_refused(int reason) override;
  void on_published(int mid, int reason) override;
  void on_subscribed(const std::vector<int>& reasons) override;
  void on_message(std::string_view topic, std::string_view payload, bool retained) override;

  [[nodiscard]] std::vector<std::string> withheld() const override {
    return withheld_.with([](const std::vector<std::string>& all) { return all; });
  }
  [[nodiscard]] Result<int> publish(const std::string& topic, const std::string& bytes) override {
    return connection_->publish(topic, bytes);
  }
  [[nodiscard]] bool flush() override;

  const UploadOptions options_;
  const Clock& clock_;
  Outgoing outgoing_;
  Backoff backoff_;
  std::unique_ptr<MqttConnection> connection_;
  bool connected_ = false;
  std::int64_t next_attempt_ms_ = 0;
  std::int64_t started_ms_ = 0;
  std::int64_t tended_ms_ = 0;
  UploadStatus counted_;
  OfferedTexts policies_;              // not yet handed over
  std::int64_t next_policy_ms_ = 0;    // no subscription before
  int messages_ = 0;                   // of the broker, in this turn
  bool unread_ = false;                // the last turn ended before all that came was read
  bool asks_for_policies_ = false;     // this connection
  bool unexpected_ = false;            // the broker sent what nobody asked for
  bool subscription_refused_ = false;  // of this connection; said once

  EventFd wake_;
  EventFd handoff_;
  std::atomic<bool> look_now_ = true;
  std::atomic<bool> stopping_ = false;
  Guarded<UploadHandoff> handed_over_;
  Guarded<std::vector<RowId>> deleted_;
  Guarded<std::vector<std::string>> withheld_;
  Guarded<std::map<std::string, std::uint64_t>> allowed_;
  Guarded<UploadStatus> status_;
  std::mutex end_mutex_;
  std::condition_variable end_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace sudare
