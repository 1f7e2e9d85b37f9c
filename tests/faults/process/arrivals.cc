#include "tests/faults/process/arrivals.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kNumber = "\"seq\":";

}  // namespace

Arrivals::Arrivals(testkit::Unit& unit) : Arrivals(unit, unit.recipient().received()) {}

void Arrivals::take() {
  // Opening one twice costs more than copying all: those that came are asked for at once.
  const std::vector<testkit::MqttMessage> messages = unit_.recipient().messages();
  if (messages.size() == seen_) return;
  take(messages, seen_);
  seen_ = messages.size();
}

void Arrivals::take(const std::vector<testkit::MqttMessage>& messages, std::size_t skip) {
  const testkit::Unit::Opened opened = unit_.open_all(messages, skip);
  failures_ += opened.failures;
  for (const v1::Batch& batch : opened.batches) {
    if (ids_.insert(batch.batch_id()).second) add(batch);
  }
}

void Arrivals::add(const v1::Batch& batch) {
  epochs_.emplace(batch.epoch_days(), batch.epoch());
  const std::string whose = batch.purpose() + batch.pseudonym();
  for (const v1::MissingRange& range : batch.missing()) {
    std::uint64_t& end = told_[whose][range.first_record()];
    end = std::max(end, range.first_record() + range.record_count());
  }
  Ranges& known = ranges_[whose];
  const std::uint64_t first = batch.first_record();
  const std::uint64_t end = first + batch.record_count();
  const auto next = known.lower_bound(first);
  const bool before = next != known.begin() && std::prev(next)->second > first;
  if (before || (next != known.end() && next->first < end)) ++forks_;
  known[first] = end;
  for (const v1::Record& record : batch.records()) {
    first_ms_ = std::min<std::int64_t>(first_ms_, record.time_ms());
    last_ms_ = std::max<std::int64_t>(last_ms_, record.time_ms());
    const std::size_t at = record.payload().find(kNumber);
    if (at == std::string::npos) continue;
    ++times_[std::strtoull(record.payload().c_str() + at + kNumber.size(), nullptr, 10)];
  }
}

bool Arrivals::all(std::uint64_t first, std::uint64_t end) const {
  const auto from = times_.lower_bound(first);
  return static_cast<std::uint64_t>(std::distance(from, times_.lower_bound(end))) == end - first;
}

bool Arrivals::wait_for(std::uint64_t first, std::uint64_t end, milliseconds quiet) {
  auto last = std::chrono::steady_clock::now();
  while (true) {
    const std::size_t before = seen_;
    take();
    const auto now = std::chrono::steady_clock::now();
    if (seen_ != before) last = now;
    if (all(first, end)) return true;
    if (now - last > quiet) return false;
    testkit::pause(milliseconds(20));
  }
}

std::vector<std::uint64_t> Arrivals::missing(std::uint64_t first, std::uint64_t end) const {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = first; n < end; ++n) {
    if (!times_.contains(n)) numbers.push_back(n);
  }
  return numbers;
}

std::uint64_t Arrivals::untold() const {
  std::uint64_t count = 0;
  for (const auto& [whose, ranges] : ranges_) {
    Ranges both = ranges;
    if (const auto told = told_.find(whose); told != told_.end()) {
      for (const auto& [first, end] : told->second) both[first] = std::max(both[first], end);
    }
    std::uint64_t up_to = 0;
    for (const auto& [first, end] : both) {
      count += first > up_to ? first - up_to : 0;
      up_to = std::max(up_to, end);
    }
  }
  return count;
}

std::uint64_t Arrivals::repeated() const {
  std::uint64_t count = 0;
  for (const auto& [number, times] : times_) count += times - 1;
  return count;
}

}  // namespace sudare::faults
