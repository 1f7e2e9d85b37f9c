#include "gateway/minimize/rate.h"

namespace sudare {

bool RateLimit::is_due(std::int64_t time_ms, std::uint32_t min_interval_ms) {
  if (min_interval_ms == 0 || !since_ms_) return true;
  if (time_ms < *since_ms_) {
    since_ms_ = time_ms;
    return false;
  }
  // Unsigned: the distance of two int64 may not fit in one.
  return static_cast<std::uint64_t>(time_ms) - static_cast<std::uint64_t>(*since_ms_) >=
         min_interval_ms;
}

}  // namespace sudare
