// Ring hold-back: which fixes of a trip may leave, and when (docs/privacy.md, "Ring hold-back";
// after the endpoint zones of Krumm 2007 and Hassan et al. 2018, with zones of a public grid in
// place of circles around the home).
//
//   A fix may leave only if it lies between the first exit from the 3 x 3 cells around where the
//   trip began and the last entry into the 3 x 3 cells around where it ends, and not within the
//   former: who drives past his own house again does not show it.
//
// The end is not known in advance. A fix is safe once, for every place where the trip may still
// end, the car has since been outside the cells around that place. While the car is in a cell, only
// ends in that cell's neighbourhood are in doubt, so a few numbers decide: for each possible end
// the last fix outside its cells; the least of them clears every fix up to it.
//
// Anything that is not understood begins a trip anew, and what waited is lost: a gap in the fixes,
// a jump that no car makes, a clock that steps. Nothing here is kept across restarts: a restart in
// mid-trip begins in HOLD, and the disk holds no place.
//
// Where fixes leave cells out, nobody knows what lay between, and a single forged one could clear
// what waits: it is lost, and the trip goes on. So a fix is needed about every 20 s.
//
// Not guaranteed: that a stop shorter than the rest is hidden (a child taken to school); anything
// against an app in the car that forges a whole plausible drive; that the route between the rings
// does not lead there and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gateway/minimize/cell.h"
#include "gateway/minimize/neighbours.h"

namespace sudare {

struct TripEndsRules {
  v1::Cell ring = v1::M1000;  // M500 to M10000
  std::int64_t rest_ms = 0;   // so long at one place, or without a fix, ends a trip
};

// Within so many metres of where it was a car counts as being at one place, crawling or parking
// included: the size of a stay in privacy.md's POI extraction, and what a poor receiver wanders
// between houses.
inline constexpr double kRestMeters = 200;

// 270 km/h, faster than cars are driven. A fix that would need more is forged, or the receiver's
// error.
inline constexpr double kMetersPerSecondMax = 75;
// ... beyond this much, which a receiver that has lost its satellites errs at once.
inline constexpr double kJumpMetersMin = 150;

// Sources differ a little in time: an event is stamped before the fix that overtook it. Further
// back is a clock that stepped.
inline constexpr std::int64_t kLateMsMax = 60'000;

// So many fixes in a row elsewhere, and the car has left: one alone is the receiver's error, and
// must not wake a parked car.
inline constexpr int kAwayFixes = 3;

// Numbers of fixes, from 1 in each trip; rising over the life of the object.
using FixNumber = std::uint64_t;

// What a fix means for itself and for what waits.
struct FixVerdict {
  bool waits = false;    // this fix may leave later, as `number`; else never
  FixNumber number = 0;  // waits
  FixNumber cleared =
      0;              // of those that waited before it, the fixes up to this one may leave now ...
  bool lost = false;  // ... and all others never will
};

// One per purpose; fed with every position of the car in the order of arrival. Fixed size; no
// allocation. Not thread-safe.
class TripEnds {
 public:
  explicit TripEnds(const TripEndsRules& rules) : rules_(rules) {}

  // `at` normalised. About 0.1 µs; where the car enters another cell, a few.
  [[nodiscard]] FixVerdict fix(Position at, std::int64_t time_ms);

  // Ignition off: the trip ends where the car is. `number` and `waits` mean nothing.
  [[nodiscard]] FixVerdict end_trip();

  // HOLD at the next fix, wherever it is. What waits is lost: the caller forgets it.
  void forget();

  [[nodiscard]] bool holding() const { return !moving_; }

 private:
  // A place where the trip may end, and the last fix outside the cells around it.
  struct PossibleEnd {
    Cell cell;
    FixNumber last_outside = 0;
  };

  [[nodiscard]] bool implausible(Position at, std::int64_t time_ms) const;
  [[nodiscard]] bool at_rest(Position at, std::int64_t time_ms);
  [[nodiscard]] FixVerdict late(Position at) const;
  void begin_anew(Position at, std::int64_t time_ms, const Cell& cell);
  void hold(const Cell& cell);
  void enter(const Cell& cell, bool first);
  [[nodiscard]] FixNumber cleared() const;
  [[nodiscard]] FixVerdict ended_here() const;

  TripEndsRules rules_;
  bool moving_ = false;        // past the first exit
  std::optional<Cell> start_;  // whose neighbourhood the car has to leave, or has left
  std::optional<Cell> cell_;   // where it counts as being; none: no fix yet
  Position last_;              // the last fix
  std::int64_t last_ms_ = 0;
  Position anchor_;             // where it may be at rest ...
  std::int64_t anchor_ms_ = 0;  // ... since
  int away_ = 0;                // fixes in a row that were elsewhere
  FixNumber number_ = 0;        // of the last fix that waits
  std::array<PossibleEnd, kNeighbourhoodMax> ends_;
  std::size_t ends_count_ = 0;
};

}  // namespace sudare
