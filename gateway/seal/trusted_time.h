// What day it is, as far as it can be believed (docs/design.md, section 4, Clock). A persistent
// floor; confirmed when two of GNSS, RTC, TLS-authenticated and signed time agree within a day;
// otherwise unconfirmed: the epoch stays and TLS checks use max(clock, floor).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/literal.h"
#include "base/result.h"
#include "gateway/store/store.h"

namespace sudare {

enum class TimeSource : std::uint8_t { kGnss, kRtc, kTls, kSigned };
[[nodiscard]] Literal literal_of(TimeSource source);

// On the collector's thread; day() and confirmed() from any.
class TrustedTime {
 public:
  // `build_day`: unix day of the build. The floor is the greatest of it, the stored one and any
  // signed document's.
  static Result<std::unique_ptr<TrustedTime>> load(const Store& store, const Clock& clock,
                                                   std::int64_t build_day);
  ~TrustedTime();
  TrustedTime(const TrustedTime&) = delete;
  TrustedTime& operator=(const TrustedTime&) = delete;

  // A source says that it is unix_ms now. Sources below the floor or absurdly far ahead
  // (kClockAheadDaysMax) do not count.
  void observe(TimeSource source, std::int64_t unix_ms);
  // A signed document of that day exists: it can't be earlier.
  void raise_floor(std::int64_t unix_day);

  [[nodiscard]] bool confirmed() const;
  [[nodiscard]] std::int64_t day() const;  // confirmed day, or max(clock, floor)
  [[nodiscard]] std::int64_t floor_day() const;
  // What must be persisted since the last call (a new confirmed day raises the floor).
  void take_changes(std::vector<StateEntry>& out);

 private:
  struct State;
  explicit TrustedTime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
