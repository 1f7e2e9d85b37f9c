#include "sim/bench/ledger.h"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace sudare::sim::bench {

namespace {

// A prime, so that samples come from everywhere in batches.
constexpr std::uint64_t kSampleEvery = 997;

}  // namespace

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Ledger::open(std::uint64_t number, std::int64_t at_ns, std::string_view payload) {
  if (number >= opened_.size()) {
    ++strangers_;
    return;
  }
  if (opened_[at(number)] != 0) {
    ++twice_;
    return;
  }
  opened_[at(number)] = at_ns;
  if (number % kSampleEvery == 0) samples_.emplace_back(number, payload);
  last_opened_ns_.store(at_ns, std::memory_order_relaxed);
  opened_count_.fetch_add(1, std::memory_order_release);
}

std::uint64_t Ledger::lost() const {
  std::uint64_t lost = 0;
  for (std::size_t i = 0; i < opened_.size(); ++i) {
    if (acknowledged_[i] != 0 && opened_[i] == 0) ++lost;
  }
  return lost;
}

std::vector<double> Ledger::latencies_ms() const {
  std::vector<double> latencies;
  for (std::size_t i = 0; i < opened_.size(); ++i) {
    if (opened_[i] != 0) latencies.push_back(static_cast<double>(opened_[i] - sent_[i]) / 1e6);
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

double quantile(const std::vector<double>& rising, double share) {
  if (rising.empty()) return 0;
  const double place = std::ceil(share * static_cast<double>(rising.size())) - 1;
  return rising[static_cast<std::size_t>(std::max(0.0, place))];
}

}  // namespace sudare::sim::bench
