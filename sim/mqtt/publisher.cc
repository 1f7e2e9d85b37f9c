#include "sim/mqtt/publisher.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/clock.h"
#include "gateway/receipts/sequence_window.h"
#include "sim/stop.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kConnectMsMax = 10'000;
constexpr std::int64_t kReconnectMs = 200;
constexpr std::int64_t kTendEveryMs = 1000;
// Without a receipt for so long, everything is sent again: the broker may have dropped some.
constexpr std::int64_t kResendMs = 5000;
// Unsettled at a time: enough to keep a broker busy over a network, far below the 65,535 message
// ids; with receipts, which come once per commit of up to a thousand messages, more.
constexpr std::size_t kKeptMax = 500;
constexpr std::size_t kKeptForReceiptMax = kSequenceWindow - 48;
// Written together, where messages come faster than they are written one by one.
constexpr std::size_t kTogetherBytes = 16 * 1024;
constexpr std::size_t kReadBytesMax = 1U << 20U;

std::int64_t now_ms() { return SystemClock().monotonic_ms(); }

std::string refusal(std::int64_t reason) {
  switch (reason) {
    case 4:
    case 0x86: return "refuses: bad user name or password";
    case 5:
    case 0x87: return "refuses: not authorised";
    default: return "refuses the connection, reason " + std::to_string(reason);
  }
}

}  // namespace

Publisher::Publisher(PublisherOptions options, Broker broker, Settled settled)
    : options_(std::move(options)), broker_(std::move(broker)), settled_(std::move(settled)) {}

Parsed<std::unique_ptr<Publisher>> Publisher::connect(const PublisherOptions& options,
                                                      Settled settled) {
  const MqttEndpoint& endpoint = options.broker.endpoint;
  const std::string where = "broker " + endpoint.host + ":" + std::to_string(endpoint.port);
  if (endpoint.tls && options.broker.ca_file.empty()) {
    return input_error({}, 0, "mqtts needs a CA certificate", "pass --ca FILE");
  }
  MqttPeer peer = options.broker;
  peer.version = options.producer.empty() ? MqttVersion::k311 : MqttVersion::k5;
  auto broker = Broker::find(peer);
  if (!broker) return input_error(broker.error(), where);
  std::unique_ptr<Publisher> publisher(
      new Publisher(options, std::move(*broker), std::move(settled)));
  const Error error = publisher->wait_until_ready();
  if (publisher->ready()) return publisher;
  if (error.code == ErrorCode::kRefused) {
    return input_error({}, 0, where + " " + refusal(error.detail),
                       "check user, password and certificates");
  }
  if (publisher->client_ && publisher->client_->connected()) {
    return input_error({}, 0, "no receipt at " + options.receipt_topic + "/" + options.producer,
                       "does the gateway run, and do its receipts name this producer?");
  }
  return input_error({}, 0, where + ": " + std::string(error.what.view()),
                     "is it running, and is --local-broker right?");
}

Publisher::~Publisher() {
  if (!client_ || !client_->connected()) return;
  client_->disconnect();
  (void)client_->flush();  // what is not settled is the caller's to know
}

bool Publisher::ready() const {
  return client_ && client_->connected() && (options_.producer.empty() || received_);
}

Error Publisher::wait_until_ready() {
  const std::int64_t deadline_ms = now_ms() + kConnectMsMax;
  while (!ready() && now_ms() < deadline_ms && !stop_requested()) {
    serve(20);
    // What the first attempt says is what the tester must know.
    if (!client_) break;
  }
  return last_error_;
}

void Publisher::start() {
  attempt_at_ms_ = now_ms() + kReconnectMs;
  ClientOptions options;
  options.keepalive_seconds = 30;
  options.attempt = static_cast<std::size_t>(attempts_);
  if (attempts_++ > 0) ++reconnects_;
  auto client = Client::start(broker_, options, *this);
  if (!client) {
    last_error_ = client.error();
    return;
  }
  client_.emplace(std::move(*client));
}

void Publisher::lost() {
  client_.reset();
  sent_ = 0;
}

void Publisher::serve(std::int64_t ms) {
  const std::int64_t now = now_ms();
  if (!client_ && now >= attempt_at_ms_) start();
  if (!client_) {
    (void)poll(nullptr, 0, static_cast<int>(std::min<std::int64_t>(ms, 20)));
    return;
  }
  pollfd one{client_->fd(), client_->wants(), 0};
  (void)poll(&one, 1, static_cast<int>(ms));
  Status done = client_->exchange(kReadBytesMax);
  if (done && now - tended_ms_ >= kTendEveryMs) {
    tended_ms_ = now;
    done = client_->tend(now);
  }
  if (!done) {
    last_error_ = done.error();
    return lost();
  }
  const bool waits = !options_.producer.empty() && !kept_.empty() && sent_ == kept_.size();
  if (waits && now - progress_ms_ >= kResendMs) {
    sent_ = 0;
    progress_ms_ = now;
    resent_ += kept_.size();
  }
  send_kept();
}

// In order, as far as the broker takes them.
void Publisher::send_kept() {
  if (!ready()) return;
  const auto first =
      std::find_if(kept_.begin(), kept_.end(), [](const Kept& one) { return one.number > 0; });
  const std::string oldest = first == kept_.end() ? "" : "/" + std::to_string(first->number);
  while (sent_ < kept_.size()) {
    Kept& next = kept_[sent_];
    std::string numbered;
    if (next.number > 0) {
      numbered = options_.producer + "/" + std::to_string(next.number) + oldest;
    }
    const auto id =
        client_->publish(next.topic, next.payload, options_.qos, next.retained, numbered);
    if (!id && id.error().code == ErrorCode::kFull) break;
    if (!id) {  // the broker takes none of this size: it is never settled
      kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(sent_));
      continue;
    }
    next.id = *id;
    ++sent_;
    if (client_->unwritten_bytes() < kTogetherBytes) continue;
    if (const Status done = client_->flush(); !done) return lost();
    if (client_->unwritten_bytes() >= kTogetherBytes) break;
  }
}

bool Publisher::publish(std::uint64_t sequence, std::string_view topic, std::string_view payload,
                        bool retained) {
  const std::size_t kept_max = options_.producer.empty() ? kKeptMax : kKeptForReceiptMax;
  while (!ready() || kept_.size() >= kept_max) {
    if (stop_requested()) return false;
    serve(20);
  }
  if (options_.qos == 0) {
    (void)client_->publish(topic, payload, 0, retained, {});
    if (client_->unwritten_bytes() >= kTogetherBytes) serve(0);
    settled_(sequence);
    return true;
  }
  if (kept_.empty()) progress_ms_ = now_ms();
  const bool numbered = !options_.producer.empty() && !retained;
  const std::uint64_t number = numbered ? next_number_++ : 0;
  kept_.push_back({sequence, number, std::string(topic), std::string(payload), retained, 0});
  send_kept();
  return true;
}

void Publisher::work(std::int64_t ms) {
  const std::int64_t until_ms = now_ms() + ms;
  do {
    const std::int64_t left_ms = std::max<std::int64_t>(0, until_ms - now_ms());
    serve(std::min<std::int64_t>(left_ms, 100));
  } while (now_ms() < until_ms && !stop_requested());
}

void Publisher::drain(std::int64_t ms_max) {
  const std::int64_t until_ms = now_ms() + ms_max;
  if (kept_.empty()) serve(0);  // QoS 0: what is queued leaves
  while (!kept_.empty() && now_ms() < until_ms) serve(20);
}

// --- what the broker says

void Publisher::on_connected(bool /*session_present*/) {
  progress_ms_ = now_ms();
  if (attempts_ > 1) resent_ += kept_.size();
  if (options_.producer.empty()) return;
  client_->subscribe({options_.receipt_topic + "/" + options_.producer}, 1);
}

void Publisher::settle_first() {
  const std::uint64_t sequence = kept_.front().sequence;
  kept_.pop_front();
  if (sent_ > 0) --sent_;
  progress_ms_ = now_ms();
  settled_(sequence);
}

void Publisher::on_acknowledged(std::uint16_t id, std::uint8_t reason) {
  const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(sent_);
  const auto found =
      std::find_if(kept_.begin(), end, [id](const Kept& one) { return one.id == id; });
  // Of a numbered one it promises nothing.
  if (found == end || found->number > 0) return;
  std::rotate(kept_.begin(), found, found + 1);
  if (reason < 0x80) return settle_first();
  kept_.pop_front();  // refused: it is never settled
  --sent_;
}

void Publisher::on_message(const PublishPacket& message) {
  std::uint64_t received = 0;
  const char* const end = message.payload.data() + message.payload.size();
  const auto [stopped, problem] = std::from_chars(message.payload.data(), end, received);
  if (problem != std::errc() || stopped != end) return;
  if (next_number_ == 0) next_number_ = received + 1;
  received_ = std::max(received_.value_or(0), received);
  const auto receipted = [this] {
    return !kept_.empty() && kept_.front().number > 0 && kept_.front().number <= *received_;
  };
  while (receipted()) settle_first();
}

}  // namespace sudare::sim
