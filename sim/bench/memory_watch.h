// A unit's memory over time.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "sim/bench/subject.h"

namespace sudare::sim::bench {

struct MemorySample {
  double seconds = 0;  // since the first
  double anonymous_mib = 0;
  double resident_mib = 0;
};

// Looks from a thread of its own, until it ends. The subject outlives it.
class MemoryWatch {
 public:
  // `subject` null: there is nothing to look at.
  MemoryWatch(const Subject* subject, std::int64_t interval_ms);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // Ends it.
  std::vector<MemorySample> samples();

 private:
  std::vector<MemorySample> samples_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace sudare::sim::bench
