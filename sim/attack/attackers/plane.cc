#include "sim/attack/attackers/plane.h"

#include <algorithm>

namespace sudare::sim::attack {

namespace {

double median_along(std::vector<Weighted>& points, double Point::*axis) {
  std::sort(points.begin(), points.end(),
            [&](const Weighted& a, const Weighted& b) { return a.at.*axis < b.at.*axis; });
  double total = 0;
  for (const Weighted& point : points) total += point.weight;
  double sum = 0;
  for (const Weighted& point : points) {
    sum += point.weight;
    if (sum >= total / 2) return point.at.*axis;
  }
  return 0;
}

}  // namespace

std::optional<Area> cell_box(const Plane& plane, v1::Cell level, Point at) {
  const auto cell = cell_of(plane.position(at), level);
  if (!cell.has_value()) return std::nullopt;
  const CellSides sides = sides_of(*cell);
  const auto e7 = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  return Area{plane.point(e7(sides.south_e7), e7(sides.west_e7)),
              plane.point(e7(sides.north_e7), e7(sides.west_e7 + sides.width_e7))};
}

Area ring_box(const Area& cell) {
  const double width = cell.north_east.east - cell.south_west.east;
  const double height = cell.north_east.north - cell.south_west.north;
  return {{cell.south_west.east - width, cell.south_west.north - height},
          {cell.north_east.east + width, cell.north_east.north + height}};
}

double side_meters(v1::Cell level) {
  switch (level) {
    case v1::M125: return 125;
    case v1::M250: return 250;
    case v1::M500: return 500;
    case v1::M1000: return 1000;
    case v1::M2000: return 2000;
    case v1::M5000: return 5000;
    case v1::M10000: return 10'000;
    case v1::M80000: return 80'000;
    default: return 0;
  }
}

double meters_outside(const Area& box, Point at) {
  const double east = std::max(box.south_west.east - at.east, at.east - box.north_east.east);
  const double north = std::max(box.south_west.north - at.north, at.north - box.north_east.north);
  if (east <= 0 && north <= 0) return std::max(east, north);
  return std::hypot(std::max(east, 0.0), std::max(north, 0.0));
}

double disc_share(const Area& box, Point centre, double radius_meters) {
  constexpr int kSlices = 400;
  const double west = std::max(box.south_west.east, centre.east - radius_meters);
  const double east = std::min(box.north_east.east, centre.east + radius_meters);
  if (east <= west) return 0;
  const double slice = (east - west) / kSlices;
  double area = 0;
  for (int i = 0; i < kSlices; ++i) {
    const double from_centre = west + (i + 0.5) * slice - centre.east;
    const double half =
        std::sqrt(std::max(0.0, radius_meters * radius_meters - from_centre * from_centre));
    const double low = std::max(box.south_west.north, centre.north - half);
    const double high = std::min(box.north_east.north, centre.north + half);
    area += slice * std::max(0.0, high - low);
  }
  return area / ((box.north_east.east - box.south_west.east) *
                 (box.north_east.north - box.south_west.north));
}

Point mean_of(const std::vector<Weighted>& points) {
  Point sum;
  double total = 0;
  for (const Weighted& point : points) {
    sum.east += point.weight * point.at.east;
    sum.north += point.weight * point.at.north;
    total += point.weight;
  }
  if (total <= 0) return {};
  return {sum.east / total, sum.north / total};
}

Point weighted_median(std::vector<Weighted> points) {
  return {median_along(points, &Point::east), median_along(points, &Point::north)};
}

Point geometric_median(const std::vector<Weighted>& points) {
  constexpr int kRounds = 60;
  constexpr double kDampMeters = 1;  // a data point is never divided by zero
  constexpr double kDoneMeters = 0.05;
  Point at = mean_of(points);
  for (int round = 0; round < kRounds && points.size() > 1; ++round) {
    Point sum;
    double total = 0;
    for (const Weighted& point : points) {
      const double weight = point.weight / (distance_meters(at, point.at) + kDampMeters);
      sum.east += weight * point.at.east;
      sum.north += weight * point.at.north;
      total += weight;
    }
    if (total <= 0) return at;
    const Point next{sum.east / total, sum.north / total};
    const bool done = distance_meters(at, next) < kDoneMeters;
    at = next;
    if (done) break;
  }
  return at;
}

}  // namespace sudare::sim::attack
