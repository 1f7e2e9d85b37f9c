#include "fleet/doctor/broker_probe.h"

#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "gateway/mqtt/connection.h"

namespace sudare::doctor {
namespace {

constexpr int kPollMs = 50;

class Probe final : public MqttEvents {
 public:
  explicit Probe(const ProbeQuestion& question) : question_(question) {
    answer_.published.resize(question.publish.size());
  }

  ProbeAnswer run() {
    MqttOptions options;
    options.peer = question_.peer;
    options.tls_time_ms = question_.tls_time_ms;
    auto made = MqttConnection::start(options, *this);
    if (!made) {
      answer_.error = made.error();
      return std::move(answer_);
    }
    connection_ = std::move(*made);
    const std::int64_t end_ms = clock_.monotonic_ms() + kProbeMsMax;
    while (!done() && clock_.monotonic_ms() < end_ms) {
      if (const Status stepped = step(); !stepped) {
        if (answer_.entry == Entry::kFailed) answer_.error = stepped.error();
        return std::move(answer_);
      }
    }
    connection_->disconnect();
    static_cast<void>(connection_->write());
    return std::move(answer_);
  }

  void on_connected(bool /*session_present*/) override {
    answer_.entry = Entry::kAccepted;
    // What is subscribed to is granted, whatever the access list says: only a message shows it.
    if (!question_.subscribe.empty()) {
      static_cast<void>(connection_->subscribe({question_.subscribe}));
    }
    for (const std::string& topic : question_.publish) {
      ids_.push_back(connection_->publish(topic, "").value_or(-1));
    }
  }
  void on_refused(int reason) override {
    answer_.entry = Entry::kRefused;
    answer_.reason = reason;
  }
  void on_message(std::string_view /*topic*/, std::string_view /*payload*/,
                  bool /*retained*/) override {
    answer_.received = true;
  }
  void on_published(int mid, int reason) override {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (ids_[i] == mid) answer_.published[i] = reason;
    }
  }

 private:
  Status step() {
    pollfd entry{connection_->fd(), POLLIN, 0};
    if (connection_->wants_write()) entry.events |= POLLOUT;
    poll(&entry, 1, kPollMs);
    TRY(connection_->write());
    while (!done()) {
      TRY(const bool more, connection_->read());
      if (!more) break;
    }
    return connection_->write();
  }

  [[nodiscard]] bool done() const {
    if (answer_.entry == Entry::kRefused) return true;
    if (answer_.entry == Entry::kFailed) return false;
    const bool answered = std::all_of(answer_.published.begin(), answer_.published.end(),
                                      [](const auto& one) { return one.has_value(); });
    // A message to itself comes with the acknowledgement that the broker took it, or not at all.
    return answered && (question_.subscribe.empty() || answer_.received || refused_all());
  }
  [[nodiscard]] bool refused_all() const {
    return std::all_of(answer_.published.begin(), answer_.published.end(),
                       [](const auto& one) { return one && *one >= kRefusalLeast; });
  }

  const ProbeQuestion& question_;
  const SystemClock clock_;
  ProbeAnswer answer_;
  std::vector<int> ids_;
  std::unique_ptr<MqttConnection> connection_;
};

}  // namespace

ProbeAnswer probe(const ProbeQuestion& question) { return Probe(question).run(); }

bool refuses_stranger(const ProbeAnswer& answer) {
  // By an alert of TLS: the certificate that it asks for.
  if (answer.error) return answer.error->code == ErrorCode::kAuthentication;
  // MQTT 3.1.1: bad user name or password, not authorized. MQTT 5: the same, banned, bad
  // authentication method.
  constexpr std::array<int, 6> kNotLetIn = {4, 5, 0x86, 0x87, 0x8a, 0x8c};
  return answer.entry == Entry::kRefused &&
         std::find(kNotLetIn.begin(), kNotLetIn.end(), answer.reason) != kNotLetIn.end();
}

bool not_asked(const ProbeAnswer& answer) {
  return answer.error && answer.error->code == ErrorCode::kIo;
}

std::string describe(const Error& error) {
  std::string text(error.what.view());
  // getaddrinfo's codes are negative, errno is not.
  if (error.detail < 0) return text + ": " + gai_strerror(static_cast<int>(error.detail));
  if (error.detail > 0) return text + ": " + std::strerror(static_cast<int>(error.detail));
  return text;
}

std::string describe(const ProbeAnswer& answer) {
  switch (answer.entry) {
    case Entry::kAccepted: return "accepted";
    case Entry::kRefused:
      return "the broker refuses the connection, reason " + std::to_string(answer.reason);
    case Entry::kFailed: break;
  }
  return answer.error ? describe(*answer.error)
                      : "no answer in " + std::to_string(kProbeMsMax / 1000) + " s";
}

void bound_name_lookups() { static_cast<void>(setenv("RES_OPTIONS", "timeout:2 attempts:2", 1)); }

}  // namespace sudare::doctor
