#include "sim/bench/recipient.h"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "fleet/open/open_batch.h"
#include "sim/process/wait.h"

namespace sudare::sim::bench {

namespace {

constexpr int kPollMs = 20;
constexpr std::int64_t kSubscribeMsMax = 10'000;
constexpr std::size_t kReadBytesMax = 1U << 20U;
constexpr std::uint32_t kSessionSeconds = 3600;
constexpr std::string_view kSealedPrefix = "sudare/1/";

ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// As the gateway does at many messages a second.
constexpr std::size_t kTogetherBytes = 16U << 10U;
constexpr int kTogetherMs = 2;

}  // namespace

// One connection; run() makes another when it ends.
class Recipient::Connection final : public ClientEvents {
 public:
  explicit Connection(Recipient& owner) : owner_(owner) {}

  // Until the connection breaks or the recipient is to stop.
  Status serve(const std::string& client_id) {
    ClientOptions options;
    options.client_id = client_id;
    options.clean_start = !owner_.keeps_session_;
    options.session_expiry_seconds = owner_.keeps_session_ ? kSessionSeconds : 0;
    options.receive_maximum = 65'535;
    TRY(Client client, Client::start(owner_.broker_, options, *this));
    client_ = &client;
    for (bool together = false; !owner_.stop_;) {
      pollfd descriptor{client.fd(), client.wants(), 0};
      poll(&descriptor, 1, together ? kTogetherMs : kPollMs);
      if (owner_.together_ && !std::exchange(together, true)) client.wait_for(kTogetherBytes);
      TRY(client.exchange(kReadBytesMax));
      TRY(client.tend(now_ns() / 1'000'000));
    }
    client.disconnect();
    return client.flush();
  }

  void on_connected(bool /*session_present*/) override {
    client_->subscribe({owner_.keys_ != nullptr ? "sudare/1/#" : "vehicle/#"}, 1);
  }
  void on_subscribed(std::string_view reasons) override {
    owner_.subscribed_ = !reasons.empty() && static_cast<std::uint8_t>(reasons.front()) < 0x80;
  }
  void on_message(const PublishPacket& message) override {
    owner_.take(message.topic, message.payload);
  }

 private:
  Recipient& owner_;
  Client* client_ = nullptr;
};

Recipient::Recipient(const Broker& broker, const Keys* keys, std::vector<Lane> lanes,
                     bool keeps_session)
    : broker_(broker), keys_(keys), lanes_(std::move(lanes)), keeps_session_(keeps_session) {}

Parsed<std::unique_ptr<Recipient>> Recipient::start(const Broker& broker, const Keys* keys,
                                                    std::vector<Lane> lanes, bool keeps_session) {
  std::unique_ptr<Recipient> recipient(
      new Recipient(broker, keys, std::move(lanes), keeps_session));
  recipient->thread_ = std::thread([&self = *recipient] { self.run(); });
  if (!wait_until([&] { return recipient->subscribed_.load(); }, kSubscribeMsMax)) {
    return input_error({}, 0, "the cloud broker takes no subscription",
                       "is it there, and may this client read?");
  }
  return recipient;
}

Recipient::~Recipient() { stop(); }

void Recipient::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void Recipient::run() {
  const std::string client_id = "bench-recipient-" + std::to_string(now_ns());
  while (!stop_) {
    if (!Connection(*this).serve(client_id)) sleep_ms(20);
  }
}

double Recipient::cpu_seconds() const {
  clockid_t clock{};
  timespec used{};
  if (pthread_getcpuclockid(const_cast<std::thread&>(thread_).native_handle(), &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return 0;
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void Recipient::wait_for(const Ledger& ledger, std::uint64_t count,
                         std::int64_t idle_ms_max) const {
  (void)wait_for_none([&] { return left_of(count, ledger.opened_count()); }, idle_ms_max);
}

void Recipient::take(std::string_view topic, std::string_view payload) {
  if (keys_ != nullptr) {
    take_sealed(topic, payload);
  } else {
    for (const Lane& lane : lanes_) {
      if (topic != lane.series->topic()) continue;
      const auto number = lane.series->number_of(payload);
      number ? lane.ledger->open(*number, now_ns(), payload) : lane.ledger->open_stranger();
    }
  }
  messages_.fetch_add(1, std::memory_order_relaxed);
}

void Recipient::take_sealed(std::string_view topic, std::string_view payload) {
  if (topic.substr(0, kSealedPrefix.size()) != kSealedPrefix) return;
  topic.remove_prefix(kSealedPrefix.size());
  const std::string_view purpose = topic.substr(0, topic.find('/'));
  const auto key = keys_->find(purpose);
  const auto lane = std::find_if(lanes_.begin(), lanes_.end(),
                                 [&](const Lane& each) { return each.purpose == purpose; });
  if (key == keys_->end() || lane == lanes_.end()) return;
  const auto opened = open_batch(key->second, purpose, Unsigned::kRefused, bytes_of(payload));
  if (!opened) {
    ++failures_;
    return;
  }
  if (!seen_.insert(opened->batch.batch_id()).second) {
    ++duplicate_batches_;
    return;
  }
  ++batches_;
  const std::int64_t at_ns = now_ns();
  for (const auto& record : opened->batch.records()) {
    const auto number = lane->series->number_of(record.payload());
    number ? lane->ledger->open(*number, at_ns, record.payload()) : lane->ledger->open_stranger();
  }
}

}  // namespace sudare::sim::bench
