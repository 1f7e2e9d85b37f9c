// Places as the simulator computes with them: metres on a plane around an origin, and degrees.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace sudare::sim {

// WGS84 degrees.
struct Place {
  double latitude = 0;
  double longitude = 0;
};

// Metres east and north of an origin.
struct Point {
  double east = 0;
  double north = 0;
};

// Mean radius of the earth: the plane is wrong by less than 0.1 % over the 20 km of a network.
inline constexpr double kEarthRadiusMeters = 6'371'008.8;
inline constexpr double kDegree = std::numbers::pi / 180.0;

[[nodiscard]] inline double distance_meters(Point a, Point b) {
  return std::hypot(b.east - a.east, b.north - a.north);
}

[[nodiscard]] inline Place to_place(Place origin, Point point) {
  return {origin.latitude + point.north / kEarthRadiusMeters / kDegree,
          origin.longitude +
              point.east / (kEarthRadiusMeters * std::cos(origin.latitude * kDegree)) / kDegree};
}

[[nodiscard]] inline Point to_point(Place origin, Place place) {
  return {(place.longitude - origin.longitude) * kDegree * kEarthRadiusMeters *
              std::cos(origin.latitude * kDegree),
          (place.latitude - origin.latitude) * kDegree * kEarthRadiusMeters};
}

[[nodiscard]] inline double distance_meters(Place a, Place b) {
  const double half_latitude = std::sin((b.latitude - a.latitude) * kDegree / 2);
  const double half_longitude = std::sin((b.longitude - a.longitude) * kDegree / 2);
  const double h = half_latitude * half_latitude + std::cos(a.latitude * kDegree) *
                                                       std::cos(b.latitude * kDegree) *
                                                       half_longitude * half_longitude;
  return 2 * kEarthRadiusMeters * std::asin(std::sqrt(std::min(1.0, h)));
}

// Degrees from north, clockwise, [0, 360).
[[nodiscard]] inline double heading_degrees(Point from, Point to) {
  const double degrees = std::atan2(to.east - from.east, to.north - from.north) / kDegree;
  return degrees < 0 ? degrees + 360 : degrees;
}

// 1e-7 degrees, the unit of the vehicle's messages.
[[nodiscard]] inline std::int32_t to_e7(double degrees) {
  return static_cast<std::int32_t>(std::lround(degrees * 1e7));
}

}  // namespace sudare::sim
