#include "gateway/upload/upload_worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/policy/updates.h"

namespace sudare {
namespace {

constexpr std::int64_t kBackoffMsLeast = 500;
// TCP, TLS and CONNACK over a poor mobile network.
constexpr std::int64_t kConnectMsMax = 30'000;
constexpr std::int64_t kTendEveryMs = 1000;
// A reason code of MQTT 5, or 3.1.1's only one, from here on is a failure.
constexpr int kFailureReason = 0x80;
// Packets of the broker's before everything else has its turn: one that never stops must not keep
// the thread to itself. As many as there can be acknowledgements.
constexpr int kReadsPerTurn = static_cast<int>(kUplinkOutstandingMax);
// And of its messages, which are larger: no broker that keeps to the receive maximum has more of
// them on the way.
constexpr int kMessagesPerTurn = 20;
// Of its packets, which are acknowledgements with a reason in words at most.
constexpr std::uint32_t kCloudPacketBytesMax = 64 * 1024;
// And a policy, with its topic and some properties.
constexpr std::uint32_t kPolicyPacketBytesMax =
    static_cast<std::uint32_t>(kPolicyOverAirBytesMax + kTopicBytesMax) + 1024;
// After a packet over the limit on a connection with a policy topic, which ends it: whoever put it
// there must not keep the unit from sending.
constexpr std::int64_t kPolicyPauseMs = 3'600'000;

}  // namespace

UploadWorker::UploadWorker(const UploadOptions& options, const Clock& clock,
                           std::unique_ptr<OutboxReader> reader)
    : options_(options),
      clock_(clock),
      outgoing_(std::move(reader), options.outstanding_max, clock),
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
  outgoing_.deleted(deleted_.with([](std::vector<RowId>& ids) { return std::exchange(ids, {}); }));
  if (look_now_.exchange(false)) outgoing_.look();
  if (!connection_ && clock_.monotonic_ms() >= next_attempt_ms_) connect();
  if (connected_) {
    outgoing_.allow(allowed_.with([](const auto& bytes) { return bytes; }));
    outgoing_.fill(*this);
  }
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
  asks_for_policies_ = !options_.policy_topic.empty() && started_ms_ >= next_policy_ms_;
  options.maximum_packet_bytes = asks_for_policies_ ? kPolicyPacketBytesMax : kCloudPacketBytesMax;
  auto connection =
      MqttConnection::start(options, *this, static_cast<std::size_t>(backoff_.attempts()));
  if (!connection) return lost(connection.error());
  connection_ = std::move(*connection);
}

void UploadWorker::lost(const Error& error) {
  if (error.code == ErrorCode::kTooLarge && connected_ && !options_.policy_topic.empty()) {
    ++counted_.policy_oversized;
    next_policy_ms_ = clock_.monotonic_ms() + kPolicyPauseMs;
  }
  connection_.reset();
  connected_ = unread_ = unexpected_ = subscription_refused_ = false;
  outgoing_.lost();
  ++counted_.failed_connects;
  next_attempt_ms_ = clock_.monotonic_ms() + backoff_.next_ms(randombytes_random());
  if (!backoff_.worth_logging()) return;
  log_event(LogLevel::kWarning, "cloud_unreachable",
            {{"error", error.code},
             {"what", error.what},
             {"detail", error.detail},
             {"attempt", backoff_.attempts()}});
}

bool UploadWorker::flush() {
  const Status written = connection_->write();
  if (!written) lost(written.error());
  return written.has_value();
}

void UploadWorker::exchange(short events) {
  if (!connection_ || (events == 0 && !unread_)) return;
  messages_ = 0;
  // Where a bound ends the loop, the connection may hold packets that it has read from the socket
  // already: no event of the socket's will tell of them.
  unread_ = true;
  for (int i = 0; i < kReadsPerTurn && messages_ < kMessagesPerTurn; ++i) {
    const auto more = connection_->read();
    if (!more) return lost(more.error());
    if (unexpected_) {
      return lost(Error{ErrorCode::kMalformed, "cloud broker: a message that nobody asked for"});
    }
    unread_ = *more;
    if (!unread_) break;
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
  if (connected_ && now - started_ms_ > kConnectMsMax) backoff_.reset();
  if (const Status done = connection_->tend(); !done) lost(done.error());
}

std::int64_t UploadWorker::timeout_ms() const {
  const std::int64_t now = clock_.monotonic_ms();
  if (!connection_) return std::max<std::int64_t>(next_attempt_ms_ - now, 0);
  if (unread_) return 0;
  std::int64_t due = tended_ms_ + kTendEveryMs;
  const std::int64_t look_ms = connected_ ? outgoing_.next_look_ms() : -1;
  if (look_ms >= 0) due = std::min(due, look_ms);
  return std::max<std::int64_t>(due - now, 0);
}

// Hands over what was acknowledged, and the figures.
void UploadWorker::tell() {
  const UploadHandoff fresh = outgoing_.take_fresh();
  if (!fresh.delivered.empty() || !fresh.damaged.empty() || !fresh.published.empty() ||
      !policies_.empty()) {
    handed_over_.with([&](UploadHandoff& handoff) {
      handoff.policies.append(std::exchange(policies_, {}));
      for (const auto& [purpose, bytes] : fresh.published) handoff.published[purpose] += bytes;
      handoff.delivered.insert(handoff.delivered.end(), fresh.delivered.begin(),
                               fresh.delivered.end());
      handoff.damaged.insert(handoff.damaged.end(), fresh.damaged.begin(), fresh.damaged.end());
    });
    handoff_.raise();
  }
  counted_.connected = connected_;
  outgoing_.count_in(counted_);
  const bool idle = connected_ && outgoing_.idle();
  // Under the lock that wake() takes: a row that was just committed is never overlooked.
  status_.with([&](UploadStatus& status) {
    status = counted_;
    status.idle = idle && !look_now_.load();
  });
}

void UploadWorker::on_connected(bool /*session_present*/) {
  connected_ = true;
  outgoing_.connected(connection_->room());
  ++counted_.connects;
  log_event(LogLevel::kInfo, "cloud_connected");
  if (!asks_for_policies_) return;
  if (const Status asked = connection_->subscribe({options_.policy_topic}); !asked) {
    log_error("policy_topic_not_subscribed", asked.error());
  }
}

// The connection is for what the car sends: it stays, and asks again with the next one.
void UploadWorker::on_subscribed(const std::vector<int>& reasons) {
  const bool refused = std::any_of(reasons.begin(), reasons.end(),
                                   [](int reason) { return reason >= kFailureReason; });
  if (!refused || subscription_refused_) return;
  subscription_refused_ = true;
  ++counted_.policy_refusals;
  log_event(LogLevel::kWarning, "policy_topic_refused", {{"reason_code", reasons.front()}});
}

// The same one again, too: the one before may have been dropped on its way.
void UploadWorker::on_message(std::string_view topic, std::string_view payload, bool /*retained*/) {
  ++messages_;
  if (topic != options_.policy_topic) {
    unexpected_ = true;
    ++counted_.unexpected_messages;
    return;
  }
  if (payload.size() > kPolicyOverAirBytesMax) {
    ++counted_.policy_oversized;
    return;
  }
  if (payload.empty()) return;  // the retained message was taken away
  policies_.add(payload);
  ++counted_.policy_messages;
}

// A broker that takes something is a good one. One that greets and closes is asked more and more
// seldom.
void UploadWorker::on_published(int mid, int reason) {
  backoff_.reset();
  outgoing_.answered(mid, reason);
}

void UploadWorker::on_refused(int reason) {
  log_event(LogLevel::kError, "cloud_refused", {{"reason_code", reason}});
}

}  // namespace sudare
