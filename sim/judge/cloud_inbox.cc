#include "sim/judge/cloud_inbox.h"

#include <poll.h>

#include <utility>

#include "base/clock.h"
#include "gateway/mqtt/login.h"
#include "sim/stop.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kSubscribeMsMax = 10'000;
constexpr int kPollMs = 50;
constexpr std::int64_t kTendMs = 1000;
constexpr std::int64_t kReconnectMs = 500;
constexpr std::size_t kReadBytesMax = 1U << 20U;
// The broker keeps what is missed for so long, and then forgets this receiver.
constexpr std::uint32_t kSessionExpirySeconds = 3600;
// A car sends some MB a day, sealed: a run that brings more than this is no test of one unit.
constexpr std::size_t kBytesMax = std::size_t{1} << 30U;

InputError refusal(const MqttPeer& cloud, const Error& error) {
  const std::string where =
      "cloud broker " + cloud.endpoint.host + ":" + std::to_string(cloud.endpoint.port);
  std::string hint = "is it running, and is --cloud-broker right?";
  if (error.code == ErrorCode::kAuthentication || error.code == ErrorCode::kIo) {
    hint = "check --cloud-ca, --cloud-cert, --cloud-key and --cloud-password-file";
  } else if (error.code == ErrorCode::kRefused) {
    hint = "check user, password and certificate: they must be allowed to read sudare/1/#";
  }
  InputError said = input_error(error, where).value();
  said.hint = hint;
  return said;
}

}  // namespace

class CloudInbox::Session final : public ClientEvents {
 public:
  explicit Session(CloudInbox& inbox) : inbox_(inbox) {}

  Status connect(std::size_t attempt) {
    ClientOptions options;
    options.client_id = inbox_.client_id_;
    options.clean_start = false;
    options.session_expiry_seconds = kSessionExpirySeconds;
    options.attempt = attempt;
    client_.reset();
    TRY(Client client, Client::start(inbox_.broker_, options, *this));
    client_.emplace(std::move(client));
    started_ms_ = clock_.monotonic_ms();
    return Done{};
  }
  // Serves the connection for a moment.
  Status round() {
    pollfd entry{client_->fd(), client_->wants(), 0};
    poll(&entry, 1, kPollMs);
    TRY(client_->exchange(kReadBytesMax));
    if (refused_) return fail(ErrorCode::kRefused, "the subscription is refused", *refused_);
    const std::int64_t now_ms = clock_.monotonic_ms();
    if (!client_->connected() && now_ms - started_ms_ > kSubscribeMsMax) {
      return fail(ErrorCode::kUnavailable, "no answer of an MQTT broker");
    }
    if (now_ms - tended_ms_ < kTendMs) return Done{};
    tended_ms_ = now_ms;
    return client_->tend(now_ms);
  }
  [[nodiscard]] bool subscribed() const { return subscribed_; }
  void leave() {
    if (!client_ || !client_->connected()) return;
    client_->disconnect();
    (void)client_->flush();  // at worst the broker notices by itself
  }

  void on_connected(bool session_present) override {
    // The subscription is part of the session.
    if (session_present) return;
    if (subscribed_) inbox_.incomplete_ = true;
    client_->subscribe({"sudare/1/#"}, 1);
  }
  void on_subscribed(std::string_view reasons) override {
    constexpr std::uint8_t kFailureLeast = 0x80;
    const auto reason = static_cast<std::uint8_t>(reasons.front());
    if (reason >= kFailureLeast) refused_ = reason;
    else subscribed_ = true;
  }
  void on_message(const PublishPacket& message) override { inbox_.keep(message); }

 private:
  CloudInbox& inbox_;
  SystemClock clock_;
  std::optional<Client> client_;
  std::int64_t started_ms_ = 0;
  std::int64_t tended_ms_ = 0;
  bool subscribed_ = false;
  std::optional<int> refused_;
};

CloudInbox::CloudInbox(Broker broker) : broker_(std::move(broker)) {}

Parsed<std::unique_ptr<CloudInbox>> CloudInbox::open(const MqttPeer& cloud) {
  auto broker = Broker::find(cloud);
  if (!broker) return tl::unexpected<InputError>(refusal(cloud, broker.error()));
  std::unique_ptr<CloudInbox> inbox(new CloudInbox(*std::move(broker)));
  inbox->client_id_ = random_client_id();
  inbox->session_ = std::make_unique<Session>(*inbox);
  Session& session = *inbox->session_;
  const SystemClock clock;
  const std::int64_t until_ms = clock.monotonic_ms() + kSubscribeMsMax;
  Status status = session.connect(0);
  while (status && !session.subscribed()) {
    status = session.round();
    if (clock.monotonic_ms() > until_ms || stop_requested()) {
      status = fail(ErrorCode::kUnavailable, "no answer to a subscription");
    }
  }
  if (!status) return tl::unexpected<InputError>(refusal(cloud, status.error()));
  inbox->thread_ = std::thread([self = inbox.get()] { self->serve(); });
  return inbox;
}

void CloudInbox::serve() {
  const SystemClock clock;
  std::int64_t again_ms = 0;
  bool connected = true;
  for (std::size_t attempt = 1; !stop_;) {
    if (connected) {
      connected = session_->round().has_value();
      again_ms = clock.monotonic_ms() + kReconnectMs;
    } else if (clock.monotonic_ms() < again_ms) {
      poll(nullptr, 0, kPollMs);
    } else {
      connected = session_->connect(attempt++).has_value();
      again_ms = clock.monotonic_ms() + kReconnectMs;
    }
  }
}

void CloudInbox::keep(const PublishPacket& message) {
  const std::int64_t now_ms = SystemClock().wall_ms();
  kept_.with([&](Kept& kept) {
    kept.bytes += message.payload.size();
    if (kept.bytes > kBytesMax) {
      incomplete_ = true;
      return;
    }
    kept.deliveries.push_back({std::string(message.topic), std::string(message.payload), now_ms});
  });
}

std::vector<Delivery> CloudInbox::take() {
  return kept_.with([](Kept& kept) { return std::exchange(kept.deliveries, {}); });
}

CloudInbox::~CloudInbox() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  if (session_ != nullptr) session_->leave();
}

}  // namespace sudare::sim
