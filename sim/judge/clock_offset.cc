#include "sim/judge/clock_offset.h"

#include <algorithm>
#include <limits>

namespace sudare::sim {

ClockOffset clock_offset(const std::vector<ReceiptTime>& times) {
  ClockOffset offset;
  if (times.empty()) return offset;
  offset.records = times.size();
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::int64_t likely = least;
  for (const ReceiptTime& time : times) {
    const std::int64_t end_ms = time.released_ms + std::int64_t{time.bucket_ms};
    least = std::max(least, time.released_ms - time.arrived_ms);
    most = std::min(most, end_ms - time.sent_ms);
    likely = std::max(likely, time.released_ms - time.sent_ms - kReceiptMsMax);
  }
  offset.consistent = least <= most;
  offset.least_ms = least;
  offset.most_ms = most;
  const std::int64_t from = likely <= most ? std::max(least, likely) : least;
  offset.estimate_ms = from + (most - from) / 2;
  return offset;
}

}  // namespace sudare::sim
