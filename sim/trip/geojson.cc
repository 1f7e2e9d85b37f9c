#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/trip/read_trips.h"
#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

using nlohmann::json;

// The member of an object, or null where `value` is none or has no such member.
const json& member(const json& value, const char* name) {
  static const json kNull;
  if (!value.is_object()) return kNull;
  const auto found = value.find(name);
  return found == value.end() ? kNull : *found;
}

std::optional<double> number_of(const json& value) {
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

std::optional<std::int64_t> time_of(const json& value) {
  if (value.is_string()) return parse_time(value.get_ref<const std::string&>());
  if (value.is_number_integer()) return parse_time(value.dump());
  return std::nullopt;
}

std::optional<Place> place_of(const json& coordinates) {
  if (!coordinates.is_array() || coordinates.size() < 2) return std::nullopt;
  const auto longitude = number_of(coordinates[0]);
  const auto latitude = number_of(coordinates[1]);
  if (!longitude || !latitude) return std::nullopt;
  const Place place{*latitude, *longitude};
  return is_place(place) ? std::optional<Place>(place) : std::nullopt;
}

// enviroCar's measurements: {"GPS Speed": {"value": 10.5, "unit": "km/h"}}.
std::optional<double> phenomenon(const json& properties, const char* name) {
  return number_of(member(member(member(properties, "phenomenons"), name), "value"));
}

// enviroCar names the car of a track of a collection.
std::string sensor_of(const json& feature) {
  const json& sensor = member(member(feature, "properties"), "sensor");
  const json& id = member(member(sensor, "properties"), "id");
  return id.is_string() ? id.get<std::string>() : std::string();
}

struct FeatureError {
  std::string what;
  std::string hint;
};
template <class T>
using Read = tl::expected<T, FeatureError>;
tl::unexpected<FeatureError> feature_error(std::string what, std::string hint = {}) {
  return tl::unexpected<FeatureError>(FeatureError{std::move(what), std::move(hint)});
}

Read<TrackPoint> point_of(const json& feature) {
  const json& properties = member(feature, "properties");
  const auto place = place_of(member(member(feature, "geometry"), "coordinates"));
  if (!place) return feature_error("has no [longitude, latitude] on the earth as coordinates");
  const auto time_ms = time_of(member(properties, "time"));
  if (!time_ms) return feature_error("has no ISO 8601 text as properties.time");
  TrackPoint point;
  point.time_ms = *time_ms;
  point.place = *place;
  point.altitude_meters = phenomenon(properties, "GPS Altitude");
  point.speed_kmh = phenomenon(properties, "GPS Speed");
  if (!point.speed_kmh) point.speed_kmh = phenomenon(properties, "Speed");
  point.heading_degrees = phenomenon(properties, "GPS Bearing");
  point.accuracy_meters = phenomenon(properties, "GPS Accuracy");
  return point;
}

// A line knows when it began and ended; the times between follow the distance.
Read<std::vector<TrackPoint>> points_of_line(const json& feature) {
  const json& properties = member(feature, "properties");
  const json& coordinates = member(member(feature, "geometry"), "coordinates");
  const auto begin_ms = time_of(member(properties, "begin"));
  const auto end_ms = time_of(member(properties, "end"));
  if (!begin_ms || !end_ms || *end_ms < *begin_ms) {
    return feature_error("has no rising ISO 8601 times as properties.begin and .end");
  }
  if (!coordinates.is_array() || coordinates.empty()) return feature_error("has no coordinates");
  std::vector<TrackPoint> points;
  std::vector<double> meters;
  double total_meters = 0;
  for (const json& coordinate : coordinates) {
    const auto place = place_of(coordinate);
    if (!place) return feature_error("has a coordinate that is no place on the earth");
    if (!points.empty()) total_meters += distance_meters(points.back().place, *place);
    TrackPoint point;
    point.place = *place;
    points.push_back(point);
    meters.push_back(total_meters);
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double share = total_meters > 0 ? meters[i] / total_meters : 0;
    points[i].time_ms =
        *begin_ms + static_cast<std::int64_t>(share * static_cast<double>(*end_ms - *begin_ms));
  }
  return points;
}

Parsed<std::vector<Trip>> trips_of(const std::string& file, const json& document) {
  const json& features = member(document, "features");
  if (member(document, "type") != "FeatureCollection" || !features.is_array()) {
    return input_error(file, 0, "is no GeoJSON FeatureCollection");
  }
  std::vector<Trip> trips;
  std::vector<TrackPoint> track;
  std::size_t count = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto wrong = [&](const FeatureError& error) {
      return input_error(file, 0, "feature " + std::to_string(i + 1) + " " + error.what,
                         error.hint);
    };
    const json& type = member(member(features[i], "geometry"), "type");
    if (type == "Point") {
      auto point = point_of(features[i]);
      if (!point) return wrong(point.error());
      track.push_back(*point);
      ++count;
    } else if (type == "LineString") {
      auto points = points_of_line(features[i]);
      if (!points) return wrong(points.error());
      count += points->size();
      const std::size_t before = trips.size();
      append_trips(*std::move(points), {}, trips);
      for (std::size_t j = before; j < trips.size(); ++j) trips[j].vehicle = sensor_of(features[i]);
    } else {
      return wrong({"is neither a Point nor a LineString", {}});
    }
    if (count > kTrackPointsMax) return input_error(file, 0, "has too many points");
  }
  append_trips(std::move(track), {}, trips);
  return trips;
}

}  // namespace

Parsed<std::vector<Trip>> parse_geojson(const std::string& file, std::string_view text) {
  try {
    return trips_of(file, json::parse(text));
  } catch (const json::parse_error& error) {
    const std::size_t at = std::min(text.size(), error.byte);
    const auto lines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return input_error(file, 1 + static_cast<int>(lines), "is no valid JSON");
  } catch (const json::exception&) {
    return input_error(file, 0, "is no GeoJSON that can be read");
  }
}

}  // namespace sudare::sim
