// What of a unit's numbered messages reached the recipient, opened, and how often.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/system/gateway/unit.h"

namespace sudare::faults {

class Arrivals {
 public:
  // From what the recipient has not yet received on.
  explicit Arrivals(testkit::Unit& unit);
  // From its message `from` on.
  Arrivals(testkit::Unit& unit, std::size_t from) : unit_(unit), seen_(from) {}

  // Looks at what came since.
  void take();
  // Of another client's messages from `skip` on, for recipients that come and go.
  void take(const std::vector<testkit::MqttMessage>& messages, std::size_t skip);

  // Until the numbers from `first` to before `end` are all there, or nothing came for `quiet`.
  bool wait_for(std::uint64_t first, std::uint64_t end, std::chrono::milliseconds quiet);
  [[nodiscard]] std::vector<std::uint64_t> missing(std::uint64_t first, std::uint64_t end) const;
  [[nodiscard]] bool all(std::uint64_t first, std::uint64_t end) const;
  // Of all that came.
  [[nodiscard]] std::uint64_t distinct() const { return times_.size(); }
  // Numbers that came in more than one record: the in-vehicle broker sent them again.
  [[nodiscard]] std::uint64_t repeated() const;
  // Batches that did not open or verify; records that came under two batch ids. Must be 0.
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  [[nodiscard]] std::uint64_t forks() const { return forks_; }
  // Records that did not come, and of which the recipient was not told either, below the last one
  // of each pseudonym.
  [[nodiscard]] std::uint64_t untold() const;
  [[nodiscard]] const std::set<std::pair<std::uint32_t, std::uint32_t>>& epochs() const {
    return epochs_;  // rotation in days, epoch
  }
  // Between the earliest record and the latest one, as the gateway's clock had it.
  [[nodiscard]] std::int64_t span_ms() const { return last_ms_ - first_ms_; }

 private:
  void add(const v1::Batch& batch);

  testkit::Unit& unit_;
  std::size_t seen_ = 0;
  std::set<std::string> ids_;
  std::map<std::uint64_t, std::uint32_t> times_;          // by number
  using Ranges = std::map<std::uint64_t, std::uint64_t>;  // first → end
  std::map<std::string, Ranges> ranges_;                  // by purpose and pseudonym
  std::map<std::string, Ranges> told_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> epochs_;
  std::int64_t first_ms_ = INT64_MAX;
  std::int64_t last_ms_ = INT64_MIN;
  std::uint64_t failures_ = 0;
  std::uint64_t forks_ = 0;
};

}  // namespace sudare::faults
