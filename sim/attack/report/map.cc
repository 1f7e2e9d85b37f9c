#include "sim/attack/report/map.h"

#include <algorithm>
#include <cmath>

#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

constexpr double kSide = 360;
constexpr double kMargin = 10;
// Raw points further apart are of two trips, not of one line.
constexpr double kGapMeters = 400;

std::string at(double value) { return decimal(value, 1); }

bool has_ring(const MapCar& car) {
  return car.ring.northeast.latitude > car.ring.southwest.latitude;
}

// From degrees to the picture.
class Sheet {
 public:
  explicit Sheet(const MapCar& car) : origin_(car.home) {
    take(car.home);
    if (has_ring(car)) {
      take(car.ring.southwest);
      take(car.ring.northeast);
    }
    for (const Place& place : car.raw) take(place);
    for (const Place& place : car.released) take(place);
    const double wide = most_.east - least_.east;
    const double high = most_.north - least_.north;
    meters_ = std::max({wide, high, 500.0});
    // Centred, in a square.
    least_.east -= (meters_ - wide) / 2;
    least_.north -= (meters_ - high) / 2;
  }
  [[nodiscard]] double x(Place place) const { return x(to_point(origin_, place).east); }
  [[nodiscard]] double y(Place place) const { return y(to_point(origin_, place).north); }
  [[nodiscard]] double length(double meters) const {
    return meters / meters_ * (kSide - 2 * kMargin);
  }
  // A round distance of about a quarter of the picture.
  [[nodiscard]] double scale_meters() const {
    double best = 100;
    for (const double round : {200.0, 500.0, 1000.0, 2000.0, 5000.0, 10'000.0, 20'000.0}) {
      if (round <= meters_ / 3) best = round;
    }
    return best;
  }

 private:
  void take(Place place) {
    const Point point = to_point(origin_, place);
    least_ = {std::min(least_.east, point.east), std::min(least_.north, point.north)};
    most_ = {std::max(most_.east, point.east), std::max(most_.north, point.north)};
  }
  [[nodiscard]] double x(double east) const { return kMargin + length(east - least_.east); }
  [[nodiscard]] double y(double north) const {
    return kSide - kMargin - length(north - least_.north);
  }

  Place origin_;
  Point least_;
  Point most_;
  double meters_ = 0;
};

bool on_sheet(double value) { return value >= 0 && value <= kSide; }

std::string draw_cells(const MapCar& car, const Sheet& sheet) {
  std::string path;
  for (const double latitude : car.cell_latitudes) {
    const double y = sheet.y({latitude, car.home.longitude});
    if (on_sheet(y)) path += "M0 " + at(y) + "H" + at(kSide);
  }
  for (const double longitude : car.cell_longitudes) {
    const double x = sheet.x({car.home.latitude, longitude});
    if (on_sheet(x)) path += "M" + at(x) + " 0V" + at(kSide);
  }
  return "<path class=\"cells\" d=\"" + path + "\"/>\n";
}

std::string draw_ring(const MapCar& car, const Sheet& sheet) {
  if (!has_ring(car)) return "";
  const double x = sheet.x(car.ring.southwest);
  const double y = sheet.y(car.ring.northeast);
  return "<rect class=\"ring\" x=\"" + at(x) + "\" y=\"" + at(y) + "\" width=\"" +
         at(sheet.x(car.ring.northeast) - x) + "\" height=\"" +
         at(sheet.y(car.ring.southwest) - y) + "\"/>\n";
}

std::string draw_raw(const MapCar& car, const Sheet& sheet) {
  std::string path;
  for (std::size_t i = 0; i < car.raw.size(); ++i) {
    const bool joined = i > 0 && distance_meters(car.raw[i - 1], car.raw[i]) <= kGapMeters;
    path += (joined ? "L" : "M") + at(sheet.x(car.raw[i])) + " " + at(sheet.y(car.raw[i]));
    if (!joined) path += "h.1";  // a point alone is seen, too
  }
  return "<path class=\"raw\" d=\"" + path + "\"/>\n";
}

std::string draw_released(const MapCar& car, const Sheet& sheet) {
  std::string path;
  for (const Place& place : car.released) {
    path += "M" + at(sheet.x(place) - 3.1) + " " + at(sheet.y(place) - 3.1) + "h6.2v6.2h-6.2z";
  }
  return "<path class=\"released\" d=\"" + path + "\"/>\n";
}

// A house: what the attacker looks for.
std::string draw_home(const MapCar& car, const Sheet& sheet) {
  const double x = sheet.x(car.home);
  const double y = sheet.y(car.home);
  return "<path class=\"home\" d=\"M" + at(x) + " " + at(y - 8) +
         "l8 7h-2.2v7h-11.6v-7h-2.2z\"/>\n";
}

std::string scale_text(double length_meters) {
  return length_meters >= 1000 ? decimal(length_meters / 1000, 0) + " km"
                               : decimal(length_meters, 0) + " m";
}

std::string draw_scale(const Sheet& sheet) {
  const double length = sheet.length(sheet.scale_meters());
  const double y = kSide - 12;
  return "<path class=\"halo\" d=\"M12 " + at(y) + "h" + at(length) + "\"/>\n" +
         "<path class=\"scale\" d=\"M12 " + at(y - 4) + "v8m0 -4h" + at(length) + "m0 -4v8\"/>\n" +
         "<text class=\"tick haloed\" x=\"" + at(18) + "\" y=\"" + at(y - 5) + "\">" +
         scale_text(sheet.scale_meters()) + "</text>\n";
}

double nearest_meters(const MapCar& car) {
  double nearest = INFINITY;
  for (const Place& place : car.released) {
    nearest = std::min(nearest, distance_meters(place, car.home));
  }
  return nearest;
}

}  // namespace

std::string map_figure(const MapCar& car, const std::string& id) {
  const Sheet sheet(car);
  const std::string title = car.network + ": " + car.subject;
  const std::string nearest =
      car.released.empty()
          ? "nothing was released"
          : "nearest released point: " + meters(nearest_meters(car)) + " from home";
  std::string svg =
      "<figure class=\"map\">\n<figcaption>" + escaped(car.subject) + "</figcaption>\n";
  svg += "<svg viewBox=\"0 0 " + decimal(kSide, 0) + " " + decimal(kSide, 0) +
         "\" role=\"img\" aria-labelledby=\"" + id + "-t " + id + "-d\">\n";
  svg += "<title id=\"" + id + "-t\">" + escaped(title) + "</title>\n";
  svg += "<desc id=\"" + id + "-d\">Map of a simulated car: " + std::to_string(car.raw.size()) +
         " points that it drove, " + std::to_string(car.released.size()) + " that were released; " +
         nearest + ".</desc>\n";
  svg += draw_cells(car, sheet) + draw_ring(car, sheet) + draw_raw(car, sheet) +
         draw_released(car, sheet) + draw_home(car, sheet) + draw_scale(sheet);
  return svg + "</svg>\n<p class=\"small\">" + std::to_string(car.released.size()) +
         " released points; " + nearest + "</p>\n</figure>\n";
}

}  // namespace sudare::sim::attack
