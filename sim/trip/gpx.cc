#include <algorithm>
#include <pugixml.hpp>

#include "sim/trip/read_trips.h"
#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

int line_at(std::string_view text, std::ptrdiff_t offset) {
  const std::size_t end =
      std::min(text.size(), static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, offset)));
  return 1 + static_cast<int>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
}

// The number in a child element, where there is one; an empty optional where it is none.
std::optional<double> child_number(const pugi::xml_node& node, const char* name) {
  return parse_number(node.child_value(name));
}

Parsed<TrackPoint> point_of(const std::string& file, std::string_view text,
                            const pugi::xml_node& node) {
  const auto fail_here = [&](std::string what, std::string hint = {}) {
    return input_error(file, line_at(text, node.offset_debug()), std::move(what), std::move(hint));
  };
  TrackPoint point;
  const auto latitude = parse_number(node.attribute("lat").value());
  const auto longitude = parse_number(node.attribute("lon").value());
  if (!latitude || !longitude) return fail_here("track point without a number as lat and lon");
  point.place = {*latitude, *longitude};
  if (!is_place(point.place)) return fail_here("track point outside the earth, or at (0, 0)");
  const auto time_ms = parse_time(node.child_value("time"));
  if (!time_ms) {
    return fail_here("track point without <time>YYYY-MM-DDThh:mm:ssZ</time>",
                     "a recorded track has times; a planned route can't be replayed");
  }
  point.time_ms = *time_ms;
  point.altitude_meters = child_number(node, "ele");
  point.heading_degrees = child_number(node, "course");
  if (const auto speed_ms = child_number(node, "speed")) point.speed_kmh = *speed_ms * 3.6;
  return point;
}

}  // namespace

Parsed<std::vector<Trip>> parse_gpx(const std::string& file, std::string_view text) {
  pugi::xml_document document;
  // parse_minimal: no entities beyond the five of XML, no doctype, no processing instructions.
  const auto parsed = document.load_buffer(
      text.data(), text.size(), pugi::parse_minimal | pugi::parse_escapes, pugi::encoding_utf8);
  if (!parsed) return input_error(file, line_at(text, parsed.offset), parsed.description());
  const pugi::xml_node root = document.child("gpx");
  if (!root) return input_error(file, 1, "has no <gpx> element");
  std::vector<Trip> trips;
  std::size_t count = 0;
  for (const pugi::xml_node& track : root.children("trk")) {
    std::vector<TrackPoint> points;
    for (const pugi::xml_node& segment : track.children("trkseg")) {
      for (const pugi::xml_node& node : segment.children("trkpt")) {
        if (++count > kTrackPointsMax) return input_error(file, 0, "has too many track points");
        auto point = point_of(file, text, node);
        if (!point) return tl::unexpected<InputError>(point.error());
        points.push_back(*point);
      }
    }
    append_trips(std::move(points), track.child_value("name"), trips);
  }
  return trips;
}

}  // namespace sudare::sim
