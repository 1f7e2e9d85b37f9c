#include "gateway/minimize/hysteresis.h"

#include <cmath>
#include <numbers>

namespace sudare {
namespace {

constexpr std::int64_t kCircle = 3'600'000'000;  // 360° in 1e-7 degrees

// kHysteresisMeters of latitude where a degree of it is shortest, 110,574 m at the equator.
constexpr std::int64_t kMarginLatitudeE7 = kHysteresisMeters * 10'000'000 / 110'574 + 1;

// Eastward from `from` to `to`, [0, 360°).
std::int64_t eastward(std::int64_t from_e7, std::int64_t to_e7) {
  return ((to_e7 - from_e7) % kCircle + kCircle) % kCircle;
}

// kHysteresisMeters of longitude at this latitude.
double margin_longitude_e7(Position at) {
  const double radians = static_cast<double>(at.latitude_e7) * 1e-7 * std::numbers::pi / 180;
  return static_cast<double>(kMarginLatitudeE7) / std::cos(radians);
}

bool is_well_inside(const CellSides& sides, Position at) {
  if (at.latitude_e7 < sides.south_e7 + kMarginLatitudeE7) {
    if (sides.south_e7 > -900'000'000) return false;
  }
  if (at.latitude_e7 > sides.north_e7 - kMarginLatitudeE7) {
    if (sides.north_e7 < 900'000'000) return false;
  }
  if (sides.width_e7 == kCircle) return true;
  const double margin_e7 = margin_longitude_e7(at);
  const auto east_e7 = static_cast<double>(eastward(sides.west_e7, at.longitude_e7));
  return east_e7 >= margin_e7 && east_e7 <= static_cast<double>(sides.width_e7) - margin_e7;
}

// Outside the cell widened by its own height and width on every side.
bool is_far_from(const CellSides& sides, Position at) {
  const std::int64_t height_e7 = sides.north_e7 - sides.south_e7;
  if (at.latitude_e7 < sides.south_e7 - height_e7) return true;
  if (at.latitude_e7 > sides.north_e7 + height_e7) return true;
  if (3 * sides.width_e7 >= kCircle) return false;
  return eastward(sides.west_e7 - sides.width_e7, at.longitude_e7) > 3 * sides.width_e7;
}

}  // namespace

Cell settle_near(const Cell& previous, const Cell& found, Position at) {
  if (previous == found) return found;
  const CellSides sides = sides_of(previous);
  if (at.latitude_e7 < sides.south_e7 - kMarginLatitudeE7) return found;
  if (at.latitude_e7 > sides.north_e7 + kMarginLatitudeE7) return found;
  const auto margin_e7 = static_cast<std::int64_t>(margin_longitude_e7(at));
  const std::int64_t east_e7 = eastward(sides.west_e7 - margin_e7, at.longitude_e7);
  return east_e7 > sides.width_e7 + 2 * margin_e7 ? found : previous;
}

Cell settle(const std::optional<Cell>& previous, const Cell& found, Position at) {
  if (!previous || previous->level != found.level || *previous == found) return found;
  if (is_far_from(sides_of(*previous), at)) return found;
  return is_well_inside(sides_of(found), at) ? found : *previous;
}

}  // namespace sudare
