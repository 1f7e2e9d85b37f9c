#include "gateway/collect/local_session.h"

#include <sodium.h>

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"

namespace sudare {
namespace {

// A broker on the same unit is back soon; a fleet's storm can't happen here.
constexpr std::int64_t kBackoffMsLeast = 100;
constexpr std::int64_t kBackoffMsMost = 5000;

// From connect to CONNACK. A broker that does not answer for so long is taken as gone.
constexpr std::int64_t kConnectMsMax = 10'000;

constexpr std::int64_t kTendEveryMs = 1000;

constexpr std::uint16_t kReceiveMaximum = 65'535;

// From so many messages at a time on, some ten thousand a second, the next ones are awaited until
// there are so many bytes: an eighth of a socket's buffer.
constexpr std::size_t kManyMessages = 32;
constexpr std::size_t kTogetherBytes = 16 * 1024;

// The longest that MQTT knows. While a full disk holds back the acknowledgements, the PINGREQ waits
// behind them, and a short keepalive would lose the session; TCP's own probes find a broker that is
// gone (mqtt/connection.cc).
constexpr std::uint16_t kKeepaliveSeconds = 65'535;

// Fixed header, topic, packet id and properties of a PUBLISH beside its payload.
constexpr std::uint32_t kPacketBytesMax =
    static_cast<std::uint32_t>(kPayloadBytesMax + kTopicBytesMax) + 512;

MqttOptions mqtt_options(const CollectOptions& options, std::string client_id) {
  MqttOptions result;
  result.peer = options.peer;
  result.client_id = std::move(client_id);
  result.clean_start = false;
  result.session_expiry_seconds = options.session_expiry_seconds;
  result.keepalive_seconds = kKeepaliveSeconds;
  result.receive_maximum = kReceiveMaximum;
  result.maximum_packet_bytes = kPacketBytesMax;
  result.tls_time_ms = options.tls_time_ms;
  return result;
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& removed) {
  std::vector<std::string> rest;
  for (const std::string& one : all) {
    if (std::find(removed.begin(), removed.end(), one) == removed.end()) rest.push_back(one);
  }
  return rest;
}

}  // namespace

LocalSession::LocalSession(const CollectOptions& options, std::string client_id, const Clock& clock,
                           IncomingSink& sink)
    : options_(mqtt_options(options, std::move(client_id))),
      clock_(clock),
      sink_(sink),
      backoff_(kBackoffMsLeast, kBackoffMsMost) {}

void LocalSession::set_filters(std::vector<std::string> filters) {
  const std::vector<std::string> added = without(filters, filters_);
  const std::vector<std::string> removed = without(filters_, filters);
  filters_ = std::move(filters);
  if (!connected_) {
    filters_at_broker_ = false;  // all of them, at the next connect
    return;
  }
  subscribe(added);
  connection_->unsubscribe(removed);
  write();
}

void LocalSession::tend() {
  const std::int64_t now = clock_.monotonic_ms();
  if (!connection_) {
    if (!filters_.empty() && now >= next_attempt_ms_) connect();
    return;
  }
  if (!connected_ && now - started_ms_ > kConnectMsMax) {
    return lost(Error{ErrorCode::kUnavailable, "local broker: no answer"});
  }
  if (connected_ && now - started_ms_ > kConnectMsMax) backoff_.reset();
  if (now - tended_ms_ < kTendEveryMs) return;
  tended_ms_ = now;
  if (const Status done = connection_->tend(); !done) return lost(done.error());
  write();
}

void LocalSession::connect() {
  started_ms_ = tended_ms_ = clock_.monotonic_ms();
  auto connection = LocalConnection::start(options_, static_cast<std::size_t>(backoff_.attempts()),
                                           *this, clock_);
  if (!connection) return lost(connection.error());
  connection_ = std::move(*connection);
}

void LocalSession::lost(const Error& error) {
  // What was read and not yet acknowledged comes again: the broker never saw a PUBACK. Queued
  // PUBACKs of this connection are dropped with it.
  connection_.reset();
  const bool was_connected = connected_;
  connected_ = readable_ = together_ = false;
  // What was not answered may not have been read: all of them again.
  if (answers_due_ > 0) filters_at_broker_ = false;
  answers_due_ = 0;
  next_attempt_ms_ = clock_.monotonic_ms() + backoff_.next_ms(randombytes_random());
  if (!was_connected && !backoff_.worth_logging()) return;
  log_event(LogLevel::kWarning,
            was_connected ? Literal("local_lost") : Literal("local_unreachable"),
            {{"error", error.code},
             {"what", error.what},
             {"detail", error.detail},
             {"attempt", backoff_.attempts()}});
}

pollfd LocalSession::wants() const {
  if (!connection_) return {-1, 0, 0};
  const bool write = connection_->wants_write();
  return {connection_->fd(), static_cast<short>(write ? POLLIN | POLLOUT : POLLIN), 0};
}

void LocalSession::polled(short events) {
  if (!connection_ || events == 0) return;
  if ((events & ~POLLOUT) != 0) readable_ = true;
  if ((events & POLLOUT) == 0) return;
  // A TLS handshake goes on by reading.
  if (!connected_) readable_ = true;
  write();
}

std::int64_t LocalSession::next_ms() const {
  const std::int64_t now = clock_.monotonic_ms();
  if (connection_) return std::max<std::int64_t>(tended_ms_ + kTendEveryMs - now, 0);
  if (filters_.empty()) return kTendEveryMs;
  return std::max<std::int64_t>(next_attempt_ms_ - now, 0);
}

bool LocalSession::read_one() {
  if (!connection_) return readable_ = false;
  const auto more = connection_->read();
  if (!more) {
    lost(more.error());
    return false;
  }
  return readable_ = *more;
}

void LocalSession::read_in_a_row(std::size_t messages) {
  const bool together = messages >= kManyMessages;
  if (!connection_ || together == together_) return;
  together_ = together;
  connection_->wait_for(together ? kTogetherBytes : 1);
}

void LocalSession::write() {
  if (!connection_ || !connection_->wants_write()) return;
  if (const Status done = connection_->write(); !done) lost(done.error());
}

// A connection that comes this far is a good one. One that ends before at each try is made more and
// more seldom.
void LocalSession::acknowledge() {
  if (!connection_) return;
  if (connected_) backoff_.reset();
  connection_->acknowledge();
  write();
}

bool LocalSession::publish(std::string_view topic, std::string_view payload) {
  if (!connected_) return false;
  connection_->publish(topic, payload);
  write();
  return connected_;
}

void LocalSession::disconnect(std::int64_t ms_max) {
  if (!connection_) return;
  if (connected_) connection_->disconnect(ms_max);
  connection_.reset();
  connected_ = readable_ = together_ = false;
}

void LocalSession::subscribe(const std::vector<std::string>& filters) {
  connection_->subscribe(filters);
  answers_due_ += filters.size();
}

void LocalSession::on_connected(bool session_present) {
  connected_ = true;
  ++connects_;
  log_event(LogLevel::kInfo, "local_connected", {{"session_present", session_present}});
  // The broker remembers a session's subscriptions. Once per process they are made all the same:
  // the policy may have changed, and only a new subscription brings the retained consent again.
  if (session_present && filters_at_broker_) return;
  filters_at_broker_ = true;
  refused_filters_ = 0;
  subscribe(filters_);
}

void LocalSession::on_refused(int reason) {
  log_event(LogLevel::kError, "local_refused", {{"reason_code", reason}});
}

void LocalSession::on_message(const PublishPacket& message) {
  // One with a topic that can't be is none that the policy names, and says nothing.
  if (!message.topic_valid) return sink_.incoming({{}, {}, {}, message.retained, message.cut});
  sink_.incoming({message.topic, message.payload, message.sequence, message.retained, message.cut});
}

void LocalSession::on_subscribed(std::string_view reasons) {
  if (answers_due_ > 0) --answers_due_;
  for (const char byte : reasons) {
    const auto reason = static_cast<std::uint8_t>(byte);
    if (reason < 0x80) continue;
    ++refused_filters_;
    log_event(LogLevel::kError, "local_subscription_refused", {{"reason_code", reason}});
  }
}

}  // namespace sudare
