#include "sim/bench/memory_watch.h"

#include "sim/bench/ledger.h"
#include "sim/process/wait.h"

namespace sudare::sim::bench {

MemoryWatch::MemoryWatch(const Subject* subject, std::int64_t interval_ms) {
  if (subject == nullptr) return;
  thread_ = std::thread([this, subject, interval_ms] {
    const std::int64_t start_ns = now_ns();
    while (!stop_) {
      const Usage usage = subject->unit_usage();
      samples_.push_back({static_cast<double>(now_ns() - start_ns) / 1e9,
                          static_cast<double>(usage.anonymous_kib) / 1024,
                          static_cast<double>(usage.resident_kib) / 1024});
      sleep_ms(interval_ms);
    }
  });
}

MemoryWatch::~MemoryWatch() { (void)samples(); }

std::vector<MemorySample> MemoryWatch::samples() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return samples_;
}

}  // namespace sudare::sim::bench
