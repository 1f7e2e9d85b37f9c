// The far end: subscribes at the cloud broker, opens what comes and enters it into the ledgers. A
// thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crypto/open/identity.h"
#include "sim/bench/ledger.h"
#include "sim/bench/series.h"
#include "sim/error.h"
#include "sim/mqtt/client.h"

namespace sudare::sim::bench {

// The private keys of all purposes.
using Keys = std::map<std::string, std::vector<age::open_side::Identity>, std::less<>>;

// A series, where it is expected. The recipient does not own them.
struct Lane {
  const Series* series = nullptr;
  Ledger* ledger = nullptr;
  std::string purpose;
};

class Recipient {
 public:
  // `keys` null: the messages come as they were sent. `keeps_session`: what comes while the broker
  // restarts is not missed, if the broker keeps sessions. Returns once it has subscribed. All must
  // outlive it.
  static Parsed<std::unique_ptr<Recipient>> start(const Broker& broker, const Keys* keys,
                                                  std::vector<Lane> lanes, bool keeps_session);
  ~Recipient();
  Recipient(const Recipient&) = delete;
  Recipient& operator=(const Recipient&) = delete;

  // Where no latency is measured: it is woken for many messages together, so that the broker does
  // not pay for each. Before anything is sent.
  void take_together() { together_ = true; }
  // Waits until a ledger's `count` messages were opened, or nothing has come for `idle_ms_max`.
  void wait_for(const Ledger& ledger, std::uint64_t count, std::int64_t idle_ms_max) const;
  // Ends the thread; the ledgers may be read.
  void stop();

  // Any thread. Publishes of any topic, that of a probe among them.
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] double cpu_seconds() const;

  // After stop().
  [[nodiscard]] std::uint64_t batches() const { return batches_; }
  [[nodiscard]] std::uint64_t duplicate_batches() const { return duplicate_batches_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 private:
  class Connection;
  Recipient(const Broker& broker, const Keys* keys, std::vector<Lane> lanes, bool keeps_session);
  void run();
  void take(std::string_view topic, std::string_view payload);
  void take_sealed(std::string_view topic, std::string_view payload);

  const Broker& broker_;
  const Keys* keys_;
  std::vector<Lane> lanes_;
  bool keeps_session_;
  std::atomic<bool> together_ = false;
  std::set<std::string> seen_;  // batch ids
  std::uint64_t batches_ = 0;
  std::uint64_t duplicate_batches_ = 0;
  std::uint64_t failures_ = 0;
  std::atomic<std::uint64_t> messages_ = 0;
  std::atomic<bool> subscribed_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace sudare::sim::bench
