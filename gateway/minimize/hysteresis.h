// Which cell a car counts as being in. A receiver's jitter at a border would draw the border's
// line into the released data, and with it the place of a parked car: so the cell changes only when
// the car is well inside the new one. Does not hide when a moving car changes cells.
#pragma once

#include <optional>

#include "gateway/minimize/cell.h"

namespace sudare {

// A cell is left for another only this far inside the other one: twice the error that a good
// receiver states for open sky.
inline constexpr std::int64_t kHysteresisMeters = 30;

// The cell to count as current after a fix `at` in cell `found`, where `previous` counted before.
// Stays `previous` until `at` is kHysteresisMeters from every side of `found`, or further from
// `previous` than that is high or wide (a jump: a tunnel, a ferry, a restart elsewhere). Where
// there is no previous, or one of another level: `found`. Pure; any thread.
[[nodiscard]] Cell settle(const std::optional<Cell>& previous, const Cell& found, Position at);

// The same where it matters more that the cell is never wrong by more than the margin (a road along
// a border) than that a cell, once released, stays: `previous` until `at` is kHysteresisMeters
// outside it. Pure; any thread.
[[nodiscard]] Cell settle_near(const Cell& previous, const Cell& found, Position at);

}  // namespace sudare
