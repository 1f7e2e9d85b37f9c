#include "gateway/minimize/neighbours.h"

#include <algorithm>

namespace sudare {
namespace {

constexpr std::int64_t kCircle = 3'600'000'000;  // 360° in 1e-7 degrees

// Sides are rounded to 1e-7 degrees, so those of two neighbours may be one unit apart.
constexpr std::int64_t kRoundingE7 = 2;

// Eastward from `from` to `to`, [0, 360°).
std::int64_t eastward(std::int64_t from_e7, std::int64_t to_e7) {
  return ((to_e7 - from_e7) % kCircle + kCircle) % kCircle;
}

bool longitudes_meet(const CellSides& a, const CellSides& b) {
  return eastward(a.west_e7 - kRoundingE7, b.west_e7) <= a.width_e7 + 2 * kRoundingE7 ||
         eastward(b.west_e7 - kRoundingE7, a.west_e7) <= b.width_e7 + 2 * kRoundingE7;
}

std::int64_t wrapped(std::int64_t longitude_e7) {
  return eastward(-kCircle / 2, longitude_e7) - kCircle / 2;
}

void add(Neighbourhood& all, const Cell& cell) {
  if (std::find(all.begin(), all.end(), cell) != all.end()) return;
  if (all.count < all.cells.size()) all.cells[all.count++] = cell;
}

}  // namespace

bool touches(const Cell& a, const Cell& b) {
  if (a == b) return true;
  const CellSides sides_a = sides_of(a);
  const CellSides sides_b = sides_of(b);
  return sides_a.south_e7 <= sides_b.north_e7 + kRoundingE7 &&
         sides_b.south_e7 <= sides_a.north_e7 + kRoundingE7 && longitudes_meet(sides_a, sides_b);
}

// A cell of another row is at least about half as wide as this one: five looks along a side, half a
// width apart, miss none. What they hit that does not touch is left out again.
Neighbourhood neighbourhood_of(const Cell& cell) {
  Neighbourhood all;
  const CellSides sides = sides_of(cell);
  const std::int64_t middle_e7 = (sides.south_e7 + sides.north_e7) / 2;
  if (std::max(-sides.south_e7, sides.north_e7) > kNeighbourhoodLatitudeE7Max) return all;
  add(all, cell);
  const std::int64_t just_beside = 2 * kRoundingE7;
  for (const std::int64_t latitude_e7 :
       {sides.south_e7 - just_beside, middle_e7, sides.north_e7 + just_beside}) {
    for (const std::int64_t from_west_e7 :
         {-just_beside, just_beside, sides.width_e7 / 2, sides.width_e7 - just_beside,
          sides.width_e7 + just_beside}) {
      const auto found = cell_of({latitude_e7, wrapped(sides.west_e7 + from_west_e7)}, cell.level);
      if (found && touches(cell, *found)) add(all, *found);
    }
  }
  return all;
}

}  // namespace sudare
