// The plane that attackers compute in, and the mesh as boxes on it.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/minimize/cell.h"
#include "sim/attack/attackers/roads.h"
#include "sim/world/geometry.h"

namespace sudare::sim::attack {

// to_point for many: the cosine is computed once.
class Plane {
 public:
  explicit Plane(Place origin)
      : origin_(origin),
        north_meters_(kDegree * kEarthRadiusMeters * 1e-7),
        east_meters_(north_meters_ * std::cos(origin.latitude * kDegree)) {}

  [[nodiscard]] Point point(std::int32_t latitude_e7, std::int32_t longitude_e7) const {
    return {(longitude_e7 - origin_.longitude * 1e7) * east_meters_,
            (latitude_e7 - origin_.latitude * 1e7) * north_meters_};
  }
  [[nodiscard]] Position position(Point at) const {
    return {std::llround(at.north / north_meters_ + origin_.latitude * 1e7),
            std::llround(at.east / east_meters_ + origin_.longitude * 1e7)};
  }

 private:
  Place origin_;
  double north_meters_;
  double east_meters_;
};

// The cell of a level around a point, as a box; nothing where the level has no cells (EXACT) or the
// point lies off the earth.
[[nodiscard]] std::optional<Area> cell_box(const Plane& plane, v1::Cell level, Point at);

// The box of 3 x 3 cells of the same size around a cell.
[[nodiscard]] Area ring_box(const Area& cell);

// Side in metres by name (M1000: 1000); 0 for EXACT and unknown levels.
[[nodiscard]] double side_meters(v1::Cell level);

// 0 inside the box, else the distance to it; inside, the distance to its border, negative.
[[nodiscard]] double meters_outside(const Area& box, Point at);

// Area of what a disc and a box share, divided by the box's area.
[[nodiscard]] double disc_share(const Area& box, Point centre, double radius_meters);

struct Weighted {
  Point at;
  double weight = 1;
};

// The point with the least weighted sum of distances (Weiszfeld 1937, damped at data points). The
// likeliest centre of planar Laplace noise. (0, 0) for no points.
[[nodiscard]] Point geometric_median(const std::vector<Weighted>& points);
[[nodiscard]] Point mean_of(const std::vector<Weighted>& points);
// East and north apart.
[[nodiscard]] Point weighted_median(std::vector<Weighted> points);

}  // namespace sudare::sim::attack
