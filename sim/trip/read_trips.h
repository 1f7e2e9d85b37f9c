// Recorded trips from files: enviroCar's GeoJSON, GPX, CSV with a header, SUMO's floating car data
// (sumo_fcd.h). Bytes in, trips out; every error names file and line, or the feature where a file
// has no lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"
#include "sim/trip/trip.h"

namespace sudare::sim {

// GPX 1.0 and 1.1: each <trk> with <time> in every <trkpt>; <ele>, <speed> (m/s) and <course> are
// used where they are. Routes and waypoints carry no times and are not read.
[[nodiscard]] Parsed<std::vector<Trip>> parse_gpx(const std::string& file, std::string_view text);

// A header names the columns, in any order and case: latitude|lat, longitude|lon|lng,
// time|timestamp|datetime|time_ms; and where there: altitude|ele, speed|speed_kmh, speed_ms,
// heading|bearing|course, accuracy, track_id|track|trip. Others are skipped. Separators: comma,
// semicolon or tab; quotes as RFC 4180.
[[nodiscard]] Parsed<std::vector<Trip>> parse_csv(const std::string& file, std::string_view text);

// A FeatureCollection of Points with properties.time (one track, as enviroCar's
// /tracks/ID), or of LineStrings with properties.begin and .end (a collection; times are spread
// along the line by distance).
[[nodiscard]] Parsed<std::vector<Trip>> parse_geojson(const std::string& file,
                                                      std::string_view text);

// Which of the four a text is, from its first character: '<' (FCD by its first element), '{',
// anything else. FCD must have longitude and latitude.
[[nodiscard]] Parsed<std::vector<Trip>> parse_trips(const std::string& file, std::string_view text);

// All trips of all files, sorted by start. An error where a file has none.
[[nodiscard]] Parsed<std::vector<Trip>> read_trips(const std::vector<std::string>& files);

}  // namespace sudare::sim
