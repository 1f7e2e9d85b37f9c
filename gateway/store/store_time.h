// Store time: how old a row is, on a unit whose wall clock can't be trusted and whose monotonic
// clock starts anew at each boot. Milliseconds since the store was made; kept on disk with every
// commit. Pure arithmetic, no clock inside.
//
// It never goes back. It advances
//   - with the monotonic clock while the store is open, and
//   - by the time that the unit was off, as far as the wall clock can tell: it is compared with a
//     reference pair (store time, wall clock) of an earlier commit. Where wall time ran ahead of
//     store time by up to kOffMsMax, store time catches up.
// A wall clock that stands before the reference (a boot at 1970) or absurdly far after it (2100) is
// not believed: off time then counts as nothing, and catches up when a believable clock appears,
// in this session or a later one. Where the disbelieved clock stays for kDisbeliefMs of running
// time, the reference was what was wrong, and is taken anew.
// So rows are kept too long where the clock is wrong, not dropped too early; the exception is a
// wrong clock less than kOffMsMax ahead.
#pragma once

#include <cstdint>

namespace sudare {

// A car is laid up for a winter, rarely for over a year; a clock that is further ahead is wrong.
inline constexpr std::int64_t kOffMsMax = 366LL * 86'400'000;
// Less than this is jitter of the two clocks; it adds up and is caught later.
inline constexpr std::int64_t kGapMsMin = 1000;
// Running time after which a disbelieved clock becomes the new reference: longer than a receiver
// needs to find the time after a cold start.
inline constexpr std::int64_t kDisbeliefMs = 3'600'000;

class StoreTime {
 public:
  // As kept on disk.
  struct Saved {
    std::int64_t store_ms = 0;            // at the last commit
    std::int64_t reference_store_ms = 0;  // the reference pair
    std::int64_t reference_wall_ms = 0;
  };

  // A new store.
  static StoreTime start(std::int64_t wall_ms, std::int64_t monotonic_ms);
  // After a restart: goes on where the last commit was, then observes the clocks.
  static StoreTime resume(const Saved& saved, std::int64_t wall_ms, std::int64_t monotonic_ms);

  // Looks at the clocks; at open and at each commit.
  void observe(std::int64_t wall_ms, std::int64_t monotonic_ms);

  // It was seen as late as this: it never goes back.
  void raise_to(std::int64_t store_ms, std::int64_t monotonic_ms) {
    if (at(monotonic_ms) < store_ms) offset_ms_ = store_ms - monotonic_ms;
  }

  [[nodiscard]] std::int64_t at(std::int64_t monotonic_ms) const {
    return monotonic_ms + offset_ms_;
  }
  // Store time minus monotonic time of this session.
  [[nodiscard]] std::int64_t offset_ms() const { return offset_ms_; }
  [[nodiscard]] Saved saved(std::int64_t monotonic_ms) const {
    return {at(monotonic_ms), reference_store_ms_, reference_wall_ms_};
  }

 private:
  std::int64_t offset_ms_ = 0;
  std::int64_t reference_store_ms_ = 0;
  std::int64_t reference_wall_ms_ = 0;
};

}  // namespace sudare
