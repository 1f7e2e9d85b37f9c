#include "gateway/upload/upload_worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/log.h"

namespace sudare {
namespace {

constexpr std::int64_t kBackoffMsLeast = 500;
// TCP, TLS and CONNACK over a poor mobile network.
constexpr std::int64_t kConnectMsMax = 30'000;
constexpr std::int64_t kTendEveryMs = 1000;
// After the outbox could not be read: a disk that fails does not heal within milliseconds.
constexpr std::int64_t kReadAgainMs = 2000;
// A look without need, should a wake-up ever have been missed.
constexpr std::int64_t kIdleLookMs = 30'000;
// Rows of one look at the outbox: bounds the memory of the look.
constexpr std::size_t kRowsPerLook = 64;
// Packets of the broker's before everything else has its turn: one that never stops must not keep
// the thread to itself. As many as there can be acknowledgements.
constexpr int kReadsPerTurn = static_cast<int>(kUplinkOutstandingMax);
// A reason code of MQTT 5 from here on is a failure; the broker has not taken the message.
constexpr int kFailureReason = 0x80;

// "sudare/1/traffic/7f": names the purpose and a shard, and nothing about the car.
std::string cloud_topic(const OutboxRow& row) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string topic = "sudare/1/" + row.purpose + "/";
  topic += kHex[row.shard >> 4];
  topic += kHex[row.shard & 15];
  return topic;
}

}  // namespace

UploadWorker::UploadWorker(const UploadOptions& options, const Clock& clock,
                           std::unique_ptr<OutboxReader> reader)
    : options_(options),
      clock_(clock),
      reader_(std::move(reader)),
      window_(options.outstanding_max),
      backoff_(std::min(kBackoffMsLeast, options.backoff_ms_max), options.backoff_ms_max) {
  withhold(options.withheld);
  allow(options.allowed_bytes);
}

void UploadWorker::run() {
  // Signals are the main thread's.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (!stopping_.load()) turn();
  if (connected_) {
    connection_->disconnect();
    (void)connection_->write();
  }
  connection_.reset();
  const std::scoped_lock lock(end_mutex_);
  ended_ = true;
  end_.notify_all();
}

void UploadWorker::turn() {
  window_.deleted(deleted_.with([](std::vector<RowId>& ids) { return std::exchange(ids, {}); }));
  if (look_now_.exchange(false)) {
    next_look_ms_ = 0;
    exhausted_ = false;
  }
  if (!connection_ && clock_.monotonic_ms() >= next_attempt_ms_) connect();
  if (connected_) fill();
  tell();
  const bool write = connection_ && connection_->wants_write();
  std::array<pollfd, 2> wanted = {pollfd{wake_.fd(), POLLIN, 0},
                                  pollfd{connection_ ? connection_->fd() : -1,
                                         static_cast<short>(write ? POLLIN | POLLOUT : POLLIN), 0}};
  if (poll(wanted.data(), wanted.size(), static_cast<int>(timeout_ms())) < 0) return;
  if ((wanted[0].revents & POLLIN) != 0) wake_.lower();
  exchange(wanted[1].revents);
  tend();
}

void UploadWorker::connect() {
  started_ms_ = tended_ms_ = clock_.monotonic_ms();
  MqttOptions options;
  options.peer = options_.peer;
  options.keepalive_seconds = options_.keepalive_seconds;
  options.tls_time_ms = options_.tls_time_ms;
  auto connection = MqttConnection::start(options, *this);
  if (!connection) return lost(connection.error());
  connection_ = std::move(*connection);
}

void UploadWorker::lost(const Error& error) {
  connection_.reset();
  connected_ = false;
  window_.reset();
  exhausted_ = false;
  next_look_ms_ = 0;
  ++counted_.failed_connects;
  next_attempt_ms_ = clock_.monotonic_ms() + backoff_.next_ms(randombytes_random());
  if (!backoff_.worth_logging()) return;
  log_event(LogLevel::kWarning, "cloud_unreachable",
            {{"error", error.code},
             {"what", error.what},
             {"detail", error.detail},
             {"attempt", backoff_.attempts()}});
}

void UploadWorker::fill() {
  const std::int64_t now = clock_.monotonic_ms();
  const std::int64_t before = next_retry_in_ms_;
  next_retry_in_ms_ = window_.retry_due(now);
  if (before >= 0 && next_retry_in_ms_ < 0) next_look_ms_ = 0;
  allowance_.set(allowed_.with([](const auto& bytes) { return bytes; }));
  while (now >= next_look_ms_ && window_.room_rows() > 0 && window_.room_bytes() > 0) {
    const std::size_t rows_max = std::min(window_.room_rows(), kRowsPerLook);
    auto withheld = withheld_.with([](const std::vector<std::string>& all) { return all; });
    withheld.insert(withheld.end(), allowance_.exhausted().begin(), allowance_.exhausted().end());
    const auto rows = reader_->ready(window_.known(), rows_max, window_.room_bytes(), withheld);
    if (!rows) {
      log_error("outbox_unreadable", rows.error());
      next_look_ms_ = now + kReadAgainMs;
      return;
    }
    for (const RowId id : reader_->take_damaged()) {
      window_.set_aside(id);
      fresh_.damaged.push_back(id);
    }
    for (const OutboxRow& row : *rows) {
      // Again: consent may have ended since the outbox was read.
      if (is_withheld(row.purpose)) continue;
      if (!allowance_.take(row.purpose, row.bytes.size())) continue;
      if (!publish(row)) return;
    }
    if (!rows->empty()) continue;
    exhausted_ = true;
    const auto next = reader_->next_ready_in_ms();
    next_look_ms_ = now + (next && *next >= 0 ? std::max<std::int64_t>(*next, 1) : kIdleLookMs);
  }
}

bool UploadWorker::is_withheld(const std::string& purpose) const {
  return withheld_.with([&](const std::vector<std::string>& all) {
    return std::find(all.begin(), all.end(), purpose) != all.end();
  });
}

bool UploadWorker::publish(const OutboxRow& row) {
  const std::string topic = cloud_topic(row);
  const auto mid = connection_->publish(topic, row.bytes);
  if (!mid) {
    log_error("publish_failed", mid.error());
    window_.put_off(row.id, clock_.monotonic_ms());
    return true;
  }
  window_.sent(*mid, row.id, row.bytes.size());
  ++counted_.published;
  counted_.published_bytes += topic.size() + row.bytes.size();
  // At once, so that no more than one row waits in the library beside what the socket holds.
  if (const Status written = connection_->write(); !written) {
    lost(written.error());
    return false;
  }
  return true;
}

void UploadWorker::exchange(short events) {
  if (!connection_ || events == 0) return;
  if (connection_->lost(events)) {
    return lost(Error{ErrorCode::kUnavailable, "cloud broker: connection closed"});
  }
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const auto more = connection_->read();
    if (!more) return lost(more.error());
    if (!*more) break;
  }
  if (!connection_->wants_write()) return;
  if (const Status done = connection_->write(); !done) lost(done.error());
}

void UploadWorker::tend() {
  const std::int64_t now = clock_.monotonic_ms();
  if (!connection_ || now - tended_ms_ < kTendEveryMs) return;
  tended_ms_ = now;
  if (!connected_ && now - started_ms_ > kConnectMsMax) {
    return lost(Error{ErrorCode::kUnavailable, "cloud broker: no answer"});
  }
  if (const Status done = connection_->tend(); !done) lost(done.error());
}

std::int64_t UploadWorker::timeout_ms() const {
  const std::int64_t now = clock_.monotonic_ms();
  if (!connection_) return std::max<std::int64_t>(next_attempt_ms_ - now, 0);
  std::int64_t due = tended_ms_ + kTendEveryMs;
  if (connected_ && window_.room_rows() > 0 && window_.room_bytes() > 0) {
    due = std::min(due, next_look_ms_);
  }
  return std::max<std::int64_t>(due - now, 0);
}

// Hands over what was acknowledged, and the figures.
void UploadWorker::tell() {
  fresh_.published = allowance_.take_fresh();
  if (!fresh_.delivered.empty() || !fresh_.damaged.empty() || !fresh_.published.empty()) {
    handed_over_.with([this](UploadHandoff& handoff) {
      for (const auto& [purpose, bytes] : fresh_.published) handoff.published[purpose] += bytes;
      handoff.delivered.insert(handoff.delivered.end(), fresh_.delivered.begin(),
                               fresh_.delivered.end());
      handoff.damaged.insert(handoff.damaged.end(), fresh_.damaged.begin(), fresh_.damaged.end());
    });
    fresh_ = {};
    handoff_.raise();
  }
  counted_.connected = connected_;
  counted_.outstanding = window_.outstanding();
  const bool idle = connected_ && exhausted_ && window_.outstanding() == 0;
  // Under the lock that wake() takes: a row that was just committed is never overlooked.
  status_.with([&](UploadStatus& status) {
    status = counted_;
    status.idle = idle && !look_now_.load();
  });
}

void UploadWorker::on_connected(bool /*session_present*/) {
  connected_ = true;
  ++counted_.connects;
  backoff_.reset();
  log_event(LogLevel::kInfo, "cloud_connected");
}

void UploadWorker::on_refused(int reason) {
  log_event(LogLevel::kError, "cloud_refused", {{"reason_code", reason}});
}

void UploadWorker::on_published(int mid, int reason) {
  if (reason >= kFailureReason) {
    ++counted_.refused;
    log_event(LogLevel::kWarning, "cloud_refused_batch", {{"reason_code", reason}});
    window_.refused(mid, clock_.monotonic_ms());
    return;
  }
  const auto id = window_.acknowledged(mid);
  if (!id) return;
  ++counted_.acknowledged;
  fresh_.delivered.push_back(*id);
}

}  // namespace sudare
