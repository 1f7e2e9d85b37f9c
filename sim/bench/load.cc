#include "sim/bench/load.h"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <deque>

#include "sim/stop.h"

namespace sudare::sim::bench {

namespace {

constexpr std::size_t kPubackBytes = 4;
// The last acknowledgements are fewer than what it waits for.
constexpr std::int64_t kSaturatedNs = 5'000'000;
constexpr std::int64_t kConnectNs = 10'000'000'000;
// Without a word from the broker for so long, what is unacknowledged will stay so.
constexpr std::int64_t kSilentNs = 30'000'000'000;
constexpr std::size_t kReadBytesMax = 1U << 20U;
// Message ids are 16 bits; some room for the order in which a broker acknowledges.
constexpr std::size_t kWindowMax = 60'000;

double thread_cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

class Load final : public ClientEvents {
 public:
  Load(Series& series, Ledger& ledger, const LoadOptions& options)
      : series_(series), ledger_(ledger), options_(options), next_(options.first) {}

  void on_connected(bool /*session_present*/) override {}
  void on_acknowledged(std::uint16_t /*id*/, std::uint8_t reason) override {
    if (reason < 0x80) ledger_.acknowledge(waiting_.front());
    waiting_.pop_front();
    heard_ns_ = now_ns();
  }

  Parsed<LoadResult> run(const Broker& broker) {
    auto started = Client::start(broker, {}, *this);
    if (!started) return input_error(started.error(), "the local broker");
    Client client = *std::move(started);
    if (const Status done = connect(client); !done) {
      return input_error(done.error(), "the local broker");
    }
    const double cpu_before = thread_cpu_seconds();
    start_ns_ = heard_ns_ = now_ns();
    LoadResult result;
    while (!stop_requested() && (next_ < end() || !waiting_.empty())) {
      if (options_.stop && options_.stop()) break;
      const Status done = step(client);
      result.broken = !done || now_ns() - heard_ns_ > kSilentNs;
      if (result.broken) break;
    }
    result.sent = next_ - options_.first;
    result.seconds = static_cast<double>(heard_ns_ - start_ns_) / 1e9;
    result.cpu_seconds = thread_cpu_seconds() - cpu_before;
    client.disconnect();
    (void)client.flush();
    return result;
  }

 private:
  [[nodiscard]] std::uint64_t end() const { return options_.first + options_.count; }
  [[nodiscard]] bool paced() const { return options_.per_second > 0; }
  [[nodiscard]] std::int64_t due_ns() const {
    const auto number = static_cast<double>(next_ - options_.first);
    return start_ns_ + static_cast<std::int64_t>(number * 1e9 / options_.per_second);
  }

  Status connect(Client& client) {
    const std::int64_t until_ns = now_ns() + kConnectNs;
    while (!client.connected()) {
      wait(client, 50'000'000);
      TRY(client.exchange(kReadBytesMax));
      if (now_ns() > until_ns) return fail(ErrorCode::kUnavailable, "MQTT: no answer");
    }
    // Before so much of the window is free it has nothing to do: a broker that wakes it for each
    // acknowledgement would be slowed by the measurement.
    if (!paced()) client.wait_for(options_.window / 8 * kPubackBytes);
    return Done{};
  }

  Status step(Client& client) {
    TRY(send(client));
    TRY(client.flush());
    std::int64_t wait_ns = paced() ? 100'000'000 : kSaturatedNs;
    if (paced() && next_ < end())
      wait_ns = std::clamp<std::int64_t>(due_ns() - now_ns(), 0, wait_ns);
    wait(client, wait_ns);
    return client.exchange(kReadBytesMax);
  }

  // In groups: a call per message would cost more than the message.
  Status send(Client& client) {
    const std::size_t window = paced() ? kWindowMax : options_.window;
    if (!paced() && waiting_.size() > window - window / 8) return Done{};
    const std::int64_t now = now_ns();
    while (next_ < end() && waiting_.size() < window) {
      const std::int64_t at_ns = paced() ? due_ns() : now;
      if (at_ns > now) break;
      TRY(client.publish(series_.topic(), series_.payload(next_), 1, false));
      ledger_.send(next_, at_ns);
      waiting_.push_back(next_++);
      heard_ns_ = std::max(heard_ns_, now);
    }
    return Done{};
  }

  static void wait(const Client& client, std::int64_t ns) {
    pollfd descriptor{client.fd(), client.wants(), 0};
    constexpr std::int64_t kNsPerSecond = 1'000'000'000;
    const timespec limit{static_cast<time_t>(ns / kNsPerSecond),
                         static_cast<long>(ns % kNsPerSecond)};
    ppoll(&descriptor, 1, &limit, nullptr);
  }

  Series& series_;
  Ledger& ledger_;
  const LoadOptions& options_;
  std::uint64_t next_;
  std::deque<std::uint64_t> waiting_;  // sent and not acknowledged, in the order of sending
  std::int64_t start_ns_ = 0;
  std::int64_t heard_ns_ = 0;
};

}  // namespace

Parsed<LoadResult> run_load(const Broker& broker, Series& series, Ledger& ledger,
                            const LoadOptions& options) {
  return Load(series, ledger, options).run(broker);
}

}  // namespace sudare::sim::bench
