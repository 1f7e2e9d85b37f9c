#include "gateway/upload/uploader.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/guarded.h"
#include "base/log.h"
#include "gateway/mqtt/backoff.h"
#include "gateway/mqtt/connection.h"
#include "gateway/store/outbox_reader.h"
#include "gateway/upload/send_window.h"

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

class EventFd {
 public:
  EventFd() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~EventFd() {
    if (fd_ >= 0) close(fd_);
  }
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  void raise() const {
    const std::uint64_t one = 1;
    (void)!write(fd_, &one, sizeof one);  // full means raised
  }
  void lower() const {
    std::uint64_t count = 0;
    (void)!read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

}  // namespace

class Uploader::Worker final : private MqttEvents {
 public:
  Worker(const UploadOptions& options, const Clock& clock, std::unique_ptr<OutboxReader> reader)
      : options_(options),
        clock_(clock),
        reader_(std::move(reader)),
        window_(options.outstanding_max),
        backoff_(std::min(kBackoffMsLeast, options.backoff_ms_max), options.backoff_ms_max) {}

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
  void fill();
  bool publish(const OutboxRow& row);
  void exchange(short events);
  void tend();
  [[nodiscard]] std::int64_t timeout_ms() const;
  void tell();

  void on_connected(bool /*session_present*/) override;
  void on_refused(int reason) override;
  void on_published(int mid, int reason) override;

  const UploadOptions options_;
  const Clock& clock_;
  const std::unique_ptr<OutboxReader> reader_;
  SendWindow window_;
  Backoff backoff_;
  std::unique_ptr<MqttConnection> connection_;
  bool connected_ = false;
  bool exhausted_ = false;  // the last look found nothing more to send
  std::int64_t next_attempt_ms_ = 0;
  std::int64_t started_ms_ = 0;
  std::int64_t tended_ms_ = 0;
  std::int64_t next_look_ms_ = 0;  // 0: now
  std::int64_t next_retry_in_ms_ = -1;
  UploadHandoff fresh_;  // not yet handed over
  UploadStatus counted_;

  EventFd wake_;
  EventFd handoff_;
  std::atomic<bool> look_now_ = true;
  std::atomic<bool> stopping_ = false;
  Guarded<UploadHandoff> handed_over_;
  Guarded<std::vector<RowId>> deleted_;
  Guarded<UploadStatus> status_;
  std::mutex end_mutex_;
  std::condition_variable end_;
  bool ended_ = false;
  std::thread thread_;
};

void Uploader::Worker::run() {
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

void Uploader::Worker::turn() {
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

void Uploader::Worker::connect() {
  started_ms_ = tended_ms_ = clock_.monotonic_ms();
  MqttOptions options;
  options.peer = options_.peer;
  options.keepalive_seconds = options_.keepalive_seconds;
  auto connection = MqttConnection::start(options, *this);
  if (!connection) return lost(connection.error());
  connection_ = std::move(*connection);
}

void Uploader::Worker::lost(const Error& error) {
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

void Uploader::Worker::fill() {
  const std::int64_t now = clock_.monotonic_ms();
  const std::int64_t before = next_retry_in_ms_;
  next_retry_in_ms_ = window_.retry_due(now);
  if (before >= 0 && next_retry_in_ms_ < 0) next_look_ms_ = 0;
  while (now >= next_look_ms_ && window_.room_rows() > 0 && window_.room_bytes() > 0) {
    const std::size_t rows_max = std::min(window_.room_rows(), kRowsPerLook);
    const auto rows = reader_->ready(window_.known(), rows_max, window_.room_bytes());
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
      if (!publish(row)) return;
    }
    if (!rows->empty()) continue;
    exhausted_ = true;
    const auto next = reader_->next_ready_in_ms();
    next_look_ms_ = now + (next && *next >= 0 ? std::max<std::int64_t>(*next, 1) : kIdleLookMs);
  }
}

bool Uploader::Worker::publish(const OutboxRow& row) {
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

void Uploader::Worker::exchange(short events) {
  if (!connection_ || events == 0) return;
  if (connection_->lost(events)) {
    return lost(Error{ErrorCode::kUnavailable, "cloud broker: connection closed"});
  }
  while (true) {
    const auto more = connection_->read();
    if (!more) return lost(more.error());
    if (!*more) break;
  }
  if (!connection_->wants_write()) return;
  if (const Status done = connection_->write(); !done) lost(done.error());
}

void Uploader::Worker::tend() {
  const std::int64_t now = clock_.monotonic_ms();
  if (!connection_ || now - tended_ms_ < kTendEveryMs) return;
  tended_ms_ = now;
  if (!connected_ && now - started_ms_ > kConnectMsMax) {
    return lost(Error{ErrorCode::kUnavailable, "cloud broker: no answer"});
  }
  if (const Status done = connection_->tend(); !done) lost(done.error());
}

std::int64_t Uploader::Worker::timeout_ms() const {
  const std::int64_t now = clock_.monotonic_ms();
  if (!connection_) return std::max<std::int64_t>(next_attempt_ms_ - now, 0);
  std::int64_t due = tended_ms_ + kTendEveryMs;
  if (connected_ && window_.room_rows() > 0 && window_.room_bytes() > 0) {
    due = std::min(due, next_look_ms_);
  }
  return std::max<std::int64_t>(due - now, 0);
}

// Hands over what was acknowledged, and the figures.
void Uploader::Worker::tell() {
  if (!fresh_.delivered.empty() || !fresh_.damaged.empty()) {
    handed_over_.with([this](UploadHandoff& handoff) {
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

void Uploader::Worker::on_connected(bool /*session_present*/) {
  connected_ = true;
  ++counted_.connects;
  backoff_.reset();
  log_event(LogLevel::kInfo, "cloud_connected");
}

void Uploader::Worker::on_refused(int reason) {
  log_event(LogLevel::kError, "cloud_refused", {{"reason_code", reason}});
}

void Uploader::Worker::on_published(int mid, int reason) {
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

Uploader::Uploader(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Uploader::~Uploader() { worker_->join(); }

Result<std::unique_ptr<Uploader>> Uploader::start(const UploadOptions& options,
                                                  const Clock& clock) {
  TRY(auto reader, OutboxReader::open(options.state_directory, options.session, clock));
  auto worker = std::make_unique<Worker>(options, clock, std::move(reader));
  if (!worker->has_descriptors()) return fail(ErrorCode::kIo, "upload: no event descriptor", errno);
  worker->start();
  return std::unique_ptr<Uploader>(new Uploader(std::move(worker)));
}

void Uploader::wake() { worker_->wake(); }
int Uploader::handoff_fd() const { return worker_->handoff_fd(); }
UploadHandoff Uploader::take() { return worker_->take(); }
void Uploader::deleted(const std::vector<RowId>& ids) { worker_->deleted(ids); }
UploadStatus Uploader::status() const { return worker_->status(); }
bool Uploader::stop(std::int64_t longest_ms) { return worker_->stop(longest_ms); }

}  // namespace sudare
