// What an attacker knows of the mechanism behind a track: the policy and its tables. Everybody may
// read these; a protection that needs them secret protects nobody.
#pragma once

#include <cstdint>

#include "sudare/v1/policy.pb.h"

namespace sudare::sim::attack {

inline constexpr std::int64_t kJapanOffsetMs = 9 * 3'600'000;

// 0 or CELL_UNSPECIFIED: this mechanism is not used.
struct Knowledge {
  v1::Cell cell = v1::EXACT;             // released positions are centres of these cells
  v1::Cell ring = v1::CELL_UNSPECIFIED;  // hold-back of the 3 x 3 cells around both trip ends
  // Naive mechanisms (never in the gateway).
  bool end_cell_only = false;   // `ring` is no ring: only the cell of each trip end is held back
  double circle_meters = 0;     // fixes so near home are withheld; the circle may lie off centre
  double trim_meters = 0;       // so much of the way is cut off both ends of a trip
  double trim_meters_most = 0;  // where it is drawn per trip: from trim_meters to this
  double noise_meters = 0;      // mean length of the noise added
  bool noise_per_trip = false;  // drawn once for a trip, else for each fix
  std::int64_t bucket_ms = 0;   // times are floored to it; 0: exact
  double odometer_step_km = 0;  // odometers are floored to it; 0: exact
  std::int64_t local_offset_ms = kJapanOffsetMs;  // local time less UTC, where the cars drive
};

// Which fields beside the position an attack may look at. Without `time` the order of records and
// the pauses between trips remain (arrivals betray them), but no hour of day, dwell or speed.
struct Fields {
  bool time = true;
  bool speed = true;
  bool heading = true;
  bool odometer = true;
};

}  // namespace sudare::sim::attack
