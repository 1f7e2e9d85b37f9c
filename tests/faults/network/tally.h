// A recipient of more than fits in memory: opens each batch as it comes and keeps what adds up.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/system/gateway/unit.h"
#include "tests/testkit/mqtt_client.h"

namespace sudare::faults {

// Any thread.
class Tally {
 public:
  // Of numbers from `watched_from` on, also when they came. Keeps a reference to the unit.
  Tally(const testkit::Unit& unit, std::uint64_t watched_from);

  void take(const testkit::MqttMessage& message);

  struct Sum {
    std::uint64_t batches = 0;  // without repeats
    std::uint64_t repeats = 0;
    std::uint64_t failures = 0;  // that did not open
    std::uint64_t records = 0;
    std::uint64_t numbers = 0;  // different ones
    std::uint64_t canaries = 0;
    std::uint64_t reported = 0;  // records that the gateway says it gave up
  };
  [[nodiscard]] Sum sum() const;
  // Records that neither came nor are reported, up to the last one that either is.
  [[nodiscard]] std::uint64_t gaps() const;
  // Number and how many batches had come before it.
  [[nodiscard]] std::map<std::uint64_t, std::uint64_t> watched() const;

 private:
  using Range = std::pair<std::uint64_t, std::uint64_t>;  // first, count

  void take_number(std::uint64_t number);

  const testkit::Unit& unit_;
  const std::uint64_t watched_from_;
  mutable std::mutex mutex_;
  Sum sum_;
  std::vector<bool> came_;
  std::unordered_set<std::string> batch_ids_;
  std::map<std::string, std::vector<Range>> ranges_;  // by purpose
  std::map<std::uint64_t, std::uint64_t> watched_;
};

}  // namespace sudare::faults
