#include "gateway/store/store_time.h"

namespace sudare {

StoreTime StoreTime::start(std::int64_t wall_ms, std::int64_t monotonic_ms) {
  StoreTime time;
  time.offset_ms_ = -monotonic_ms;
  time.reference_wall_ms_ = wall_ms;
  return time;
}

StoreTime StoreTime::resume(const Saved& saved, std::int64_t wall_ms, std::int64_t monotonic_ms) {
  StoreTime time;
  time.offset_ms_ = saved.store_ms - monotonic_ms;
  time.reference_store_ms_ = saved.reference_store_ms;
  time.reference_wall_ms_ = saved.reference_wall_ms;
  time.observe(wall_ms, monotonic_ms);
  return time;
}

void StoreTime::observe(std::int64_t wall_ms, std::int64_t monotonic_ms) {
  const std::int64_t store_elapsed_ms = at(monotonic_ms) - reference_store_ms_;
  const std::int64_t gap_ms = wall_ms - reference_wall_ms_ - store_elapsed_ms;
  if (gap_ms > -kGapMsMin && gap_ms < kGapMsMin) return;
  const bool believed = gap_ms > 0 && gap_ms <= kOffMsMax;
  if (believed) offset_ms_ += gap_ms;
  if (believed || store_elapsed_ms >= kDisbeliefMs) {
    reference_store_ms_ = at(monotonic_ms);
    reference_wall_ms_ = wall_ms;
  }
}

}  // namespace sudare
