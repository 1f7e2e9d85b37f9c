#include "fleet/open/open_mqtt.h"

#include <poll.h>
#include <sodium.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "gateway/mqtt/backoff.h"
#include "gateway/mqtt/connection.h"

namespace sudare {
namespace {

constexpr int kPollMs = 200;
constexpr std::int64_t kTendIntervalMs = 1000;
// How many batches are opened and written before they are acknowledged together.
constexpr int kGroupMax = 100;
// A broker keeps what a named client misses for a week.
constexpr std::uint32_t kSessionExpirySeconds = 7 * 86'400;
constexpr std::int64_t kBackoffMsLeast = 200;
constexpr std::int64_t kBackoffMsMost = 30'000;

class Subscription final : public MqttEvents {
 public:
  Subscription(const OpenMqttOptions& options, const OpenMqttEvents& events)
      : options_(options), events_(events), last_batch_ms_(clock_.monotonic_ms()) {}

  Status run() {
    while (!done()) {
      TRY(connect());
      if (connection_ == nullptr) continue;
      TRY(serve());
      connection_.reset();
      if (refused_) return fail(ErrorCode::kUnavailable, "cloud broker: refused", *refused_);
      if (events_.connected && !done()) events_.connected(false);
      if (!done()) wait(backoff_.next_ms(randombytes_random()));
    }
    return events_.flush();
  }

  void on_connected(bool /*session_present*/) override {
    backoff_.reset();
    if (events_.connected) events_.connected(true);
    const Status subscribed = connection_->subscribe({"sudare/1/" + options_.purpose + "/#"});
    if (!subscribed) refused_ = static_cast<int>(subscribed.error().detail);
  }
  void on_refused(int reason) override { refused_ = reason; }
  void on_message(std::string_view /*topic*/, std::string_view payload,
                  bool /*retained*/) override {
    last_batch_ms_ = clock_.monotonic_ms();
    ++group_;
    events_.batch(payload);
  }
  void on_subscribed(const std::vector<int>& reasons) override {
    constexpr int kFailureLeast = 0x80;
    for (const int reason : reasons) {
      if (reason >= kFailureLeast) refused_ = reason;
    }
  }

 private:
  [[nodiscard]] bool done() const {
    const bool idle =
        options_.idle_ms_max > 0 && clock_.monotonic_ms() - last_batch_ms_ > options_.idle_ms_max;
    return events_.stop() || idle;
  }

  void wait(std::int64_t ms) const {
    const std::int64_t end = clock_.monotonic_ms() + ms;
    while (!done() && clock_.monotonic_ms() < end) poll(nullptr, 0, kPollMs / 4);
  }

  // A connection, or none for now.
  Status connect() {
    MqttOptions mqtt;
    mqtt.peer = options_.peer;
    mqtt.client_id = options_.client_id;
    mqtt.clean_start = options_.client_id.empty();
    mqtt.session_expiry_seconds = options_.client_id.empty() ? 0 : kSessionExpirySeconds;
    mqtt.receive_maximum = 1000;
    Result<std::unique_ptr<MqttConnection>> made = MqttConnection::start(mqtt, *this);
    if (made) {
      connection_ = std::move(*made);
    } else if (made.error().code == ErrorCode::kUnavailable) {
      wait(backoff_.next_ms(randombytes_random()));
    } else {
      return tl::unexpected<Error>(made.error());
    }
    return Done{};
  }

  // Until the connection ends.
  Status serve() {
    std::int64_t tended_ms = clock_.monotonic_ms();
    while (!done() && !refused_) {
      pollfd entry{connection_->fd(), POLLIN, 0};
      if (connection_->wants_write()) entry.events |= POLLOUT;
      poll(&entry, 1, kPollMs);
      if (!read_group()) return Done{};
      TRY(events_.flush());
      group_ = 0;
      if (!connection_->write()) return Done{};
      if (clock_.monotonic_ms() - tended_ms >= kTendIntervalMs) {
        tended_ms = clock_.monotonic_ms();
        if (!connection_->tend()) return Done{};
      }
    }
    connection_->disconnect();
    static_cast<void>(connection_->write());
    return Done{};
  }

  bool read_group() {
    while (group_ < kGroupMax) {
      const Result<bool> more = connection_->read();
      if (!more) return false;
      if (!*more) break;
    }
    return true;
  }

  const OpenMqttOptions& options_;
  const OpenMqttEvents& events_;
  SystemClock clock_;
  Backoff backoff_{kBackoffMsLeast, kBackoffMsMost};
  std::unique_ptr<MqttConnection> connection_;
  std::optional<int> refused_;
  std::int64_t last_batch_ms_;
  int group_ = 0;
};

}  // namespace

Status open_mqtt(const OpenMqttOptions& options, const OpenMqttEvents& events) {
  return Subscription(options, events).run();
}

}  // namespace sudare
