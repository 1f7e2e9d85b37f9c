// When a car has no connection: tunnels and underground parking, drawn from the car's seed. Counted
// in time driven, so that a parked car has none.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "sim/random.h"
#include "sudare/sim/v1/profile.pb.h"

namespace sudare::sim::fleet {

// Not thread-safe. Times are the car's, in milliseconds.
class Outages {
 public:
  Outages(const v1::Link& link, Random random)
      : any_(link.outages_per_driving_hour() > 0 && link.outage_seconds() > 0),
        seconds_between_(any_ ? 3600 / link.outages_per_driving_hour() : 0),
        seconds_(link.outage_seconds()),
        random_(random),
        next_driven_ms_(draw_ms(seconds_between_)) {}

  // The car sends something; true: an outage begins.
  bool drive(std::int64_t now_ms) {
    driven_ms_ += std::clamp<std::int64_t>(now_ms - last_ms_, 0, kStepMsMax);
    last_ms_ = now_ms;
    if (!any_ || driven_ms_ < next_driven_ms_) return false;
    until_ms_ = now_ms + draw_ms(seconds_);
    next_driven_ms_ = driven_ms_ + draw_ms(seconds_between_);
    return true;
  }
  [[nodiscard]] bool away(std::int64_t now_ms) const { return now_ms < until_ms_; }
  [[nodiscard]] std::int64_t until_ms() const { return until_ms_; }

 private:
  // A car that drives says something at least so often; longer pauses are parked time.
  static constexpr std::int64_t kStepMsMax = 15'000;

  // Exponentially distributed, at most six times the mean: the longest tunnel ends.
  std::int64_t draw_ms(double mean_seconds) {
    const double share = std::min(6.0, -std::log(1.0 - random_.unit()));
    return std::llround(mean_seconds * share * 1000);
  }

  bool any_;
  double seconds_between_;
  double seconds_;
  Random random_;
  std::int64_t next_driven_ms_;
  std::int64_t driven_ms_ = 0;
  std::int64_t last_ms_ = 0;
  std::int64_t until_ms_ = 0;
};

}  // namespace sudare::sim::fleet
