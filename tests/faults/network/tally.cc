#include "tests/faults/network/tally.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/faults/rig/canary.h"

namespace sudare::faults {

Tally::Tally(const testkit::Unit& unit, std::uint64_t watched_from)
    : unit_(unit), watched_from_(watched_from) {}

void Tally::take(const testkit::MqttMessage& message) {
  const auto batch = unit_.opened(message);
  const std::uint64_t canaries = canaries_in(message.topic) + canaries_in(message.payload);
  const std::scoped_lock lock(mutex_);
  sum_.canaries += canaries;
  if (!batch) {
    ++sum_.failures;
    return;
  }
  if (!batch_ids_.insert(batch->batch_id()).second) {
    ++sum_.repeats;
    return;
  }
  std::vector<Range>& ranges = ranges_[batch->purpose()];
  ranges.emplace_back(batch->first_record(), batch->record_count());
  for (const v1::MissingRange& missing : batch->missing()) {
    ranges.emplace_back(missing.first_record(), missing.record_count());
    sum_.reported += missing.record_count();
  }
  for (const v1::Record& record : batch->records()) {
    ++sum_.records;
    take_number(nlohmann::json::parse(record.payload()).at("seq").get<std::uint64_t>());
  }
  ++sum_.batches;
}

void Tally::take_number(std::uint64_t number) {
  if (number >= came_.size()) came_.resize(number + number / 2 + 1);
  if (came_[number]) return;
  came_[number] = true;
  ++sum_.numbers;
  if (number >= watched_from_) watched_[number] = sum_.batches;
}

Tally::Sum Tally::sum() const {
  const std::scoped_lock lock(mutex_);
  return sum_;
}

std::uint64_t Tally::gaps() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t gaps = 0;
  for (auto [purpose, ranges] : ranges_) {
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t next = 0;
    for (const auto& [first, count] : ranges) {
      if (first > next) gaps += first - next;
      next = std::max(next, first + count);
    }
  }
  return gaps;
}

std::map<std::uint64_t, std::uint64_t> Tally::watched() const {
  const std::scoped_lock lock(mutex_);
  return watched_;
}

}  // namespace sudare::faults
