// A satellite receiver's error: slow, so that neighbouring fixes err alike, as real ones do. An
// attacker who averages a minute of a parked car gains little; independent noise would be easier.
#pragma once

#include <cmath>

#include "sim/random.h"
#include "sim/trip/trip.h"

namespace sudare::sim {

// Not thread-safe.
class Gnss {
 public:
  Gnss(double error_meters, double altitude_meters, Random random)
      : error_meters_(error_meters), altitude_meters_(altitude_meters), random_(random) {}

  // Fills place, altitude, accuracy and satellites of a fix at `truth`; `seconds` since the last.
  void observe(Place origin, Point truth, double seconds, Fix& fix) {
    const double keep = std::exp(-seconds / kCorrelationSeconds);
    const double fresh = error_meters_ * std::sqrt(1 - keep * keep);
    error_.east = keep * error_.east + fresh * random_.normal();
    error_.north = keep * error_.north + fresh * random_.normal();
    fix.place = to_place(origin, {truth.east + error_.east, truth.north + error_.north});
    fix.altitude_meters = altitude_meters_ + 1.5 * error_.north + kHillMeters * hill(truth);
    fix.accuracy_meters = error_meters_ * random_.between(0.8, 1.6);
    fix.satellites = 8 + static_cast<unsigned>(random_.below(9));
  }

 private:
  // The error of a single-frequency receiver wanders over about a minute.
  static constexpr double kCorrelationSeconds = 60;
  static constexpr double kHillMeters = 30;
  static double hill(Point at) { return std::sin(at.east / 2100) * std::cos(at.north / 1700); }

  double error_meters_;
  double altitude_meters_;
  Random random_;
  Point error_;
};

}  // namespace sudare::sim
