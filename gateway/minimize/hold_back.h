// The hold-back of one purpose: the trip's two ends (trip_ends.h) and what waits for clearance
// (delay_line.h), under 64 KiB together. Everything positioned that the purpose gets passes here,
// so that a rare hazard is judged by the same trip as the position of every second.
#pragma once

#include "gateway/minimize/delay_line.h"
#include "gateway/minimize/trip_ends.h"

namespace sudare {

struct HoldBack {
  explicit HoldBack(const TripEndsRules& rules) : ends(rules) {}

  TripEnds ends;
  DelayLine waiting;
};
static_assert(sizeof(HoldBack) + kWaitingBytesMax + kWaitingFixesMax * 40 <= 64 * 1024);

}  // namespace sudare
