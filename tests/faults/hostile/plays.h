// What hostile brokers do, at random: to the gateway's intake, and to its uplink.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "tests/faults/hostile/hostile_broker.h"
#include "tests/faults/network/random.h"

namespace sudare::faults {

// Numbered messages of a hostile local broker, and which of them the gateway acknowledged. Any
// thread.
class Ledger {
 public:
  std::uint64_t next();
  void acknowledged(std::uint64_t number);
  [[nodiscard]] std::set<std::uint64_t> acknowledged() const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::set<std::uint64_t> acknowledged_;
};

// A local broker that sends numbered messages, and among them everything else.
std::unique_ptr<Play> hostile_local(Random random, Ledger& ledger);

// A cloud that acknowledges right, wrong, twice, never, and sends what no client asked for.
std::unique_ptr<Play> hostile_cloud(Random random);

}  // namespace sudare::faults
