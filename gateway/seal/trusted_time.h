// What day it is, as far as it can be believed (docs/design.md, section 4, Clock). A persistent
// floor; confirmed when two of GNSS, RTC, TLS-authenticated and signed time agree within a day;
// otherwise unconfirmed: the epoch stays and TLS checks use max(clock, floor).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/literal.h"
#include "base/result.h"
#include "gateway/store/store.h"

namespace sudare {

enum class TimeSource : std::uint8_t { kGnss, kRtc, kTls, kSigned };
[[nodiscard]] Literal literal_of(TimeSource source);

// How far past the floor a source may be. More than a unit waits between build and first use, or a
// car stands unused; less than a quarter of the 1024 weeks by which a GNSS receiver errs after a
// rollover. Also what a forged time can cost: the floor never goes back.
inline constexpr std::int64_t kClockAheadDaysMax = 5 * 365;

// How far two sources may be apart and still agree. Epochs are whole days.
inline constexpr std::int64_t kClockAgreementMs = kMsPerDay;

// How long what a source said is carried forward by the monotonic clock. Within it a poor crystal
// (100 ppm) is a minute off; a source that was silent for longer counts as lost.
inline constexpr std::int64_t kObservationAgeMsMax = 7 * kMsPerDay;

// On the collector's thread; the getters of times from any.
class TrustedTime {
 public:
  // `build_day`: unix day of the build. The floor is the greatest of it, the stored one and any
  // signed document's. kMalformed: the stored floor is damaged.
  static Result<std::unique_ptr<TrustedTime>> load(const Store& store, const Clock& clock,
                                                   std::int64_t build_day);
  ~TrustedTime();
  TrustedTime(const TrustedTime&) = delete;
  TrustedTime& operator=(const TrustedTime&) = delete;

  // A source says that it is unix_ms now. Sources below the floor or more than kClockAheadDaysMax
  // past it do not count. The RTC is read from the Clock whenever it is needed: observing it
  // changes nothing.
  void observe(TimeSource source, std::int64_t unix_ms);
  // A verified signed document of that day exists: it can't be earlier.
  void raise_floor(std::int64_t unix_day);

  [[nodiscard]] const Clock& clock() const;
  [[nodiscard]] bool confirmed() const;
  [[nodiscard]] std::int64_t day() const;  // confirmed day, or max(clock, floor)
  // The confirmed day; else what the unit's own clock says, where it may be true: from the floor to
  // kClockAheadDaysMax past it.
  [[nodiscard]] std::optional<std::int64_t> plausible_day() const;
  [[nodiscard]] std::int64_t floor_day() const;
  // By which TLS certificates are judged: max(clock, floor).
  [[nodiscard]] std::int64_t tls_time_ms() const;
  // What must be persisted since the last call (a new confirmed day raises the floor). If the
  // commit then fails, the caller commits the same entries again.
  void take_changes(std::vector<StateEntry>& out);

 private:
  struct State;
  explicit TrustedTime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
