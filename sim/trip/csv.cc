#include <algorithm>
#include <array>
#include <map>

#include "sim/trip/read_trips.h"
#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

// A line of a trip file has a dozen columns; a file that is none of ours must not make a million.
constexpr std::size_t kColumnsMax = 256;

enum Column : std::size_t {
  kLatitude,
  kLongitude,
  kTime,
  kAltitude,
  kSpeedKmh,
  kSpeedMs,
  kHeading,
  kAccuracy,
  kTrack,
  kColumnCount
};

struct ColumnName {
  const char* name;
  Column column;
};
constexpr ColumnName kColumnNames[] = {
    {"latitude", kLatitude},  {"lat", kLatitude},     {"longitude", kLongitude},
    {"lon", kLongitude},      {"lng", kLongitude},    {"time", kTime},
    {"timestamp", kTime},     {"datetime", kTime},    {"time_ms", kTime},
    {"altitude", kAltitude},  {"ele", kAltitude},     {"speed", kSpeedKmh},
    {"speed_kmh", kSpeedKmh}, {"speed_ms", kSpeedMs}, {"heading", kHeading},
    {"bearing", kHeading},    {"course", kHeading},   {"accuracy", kAccuracy},
    {"track_id", kTrack},     {"track", kTrack},      {"trip", kTrack},
};

constexpr std::size_t kNotThere = static_cast<std::size_t>(-1);
using Columns = std::array<std::size_t, kColumnCount>;

// The text with a cursor; rows are read one after the other.
class Rows {
 public:
  explicit Rows(std::string_view text) : text_(text) {
    const std::string_view header = text.substr(0, text.find('\n'));
    for (const char candidate : {',', ';', '\t'}) {
      if (header.find(candidate) == std::string_view::npos) continue;
      separator_ = candidate;
      break;
    }
  }

  [[nodiscard]] int line() const { return row_line_; }

  // False at the end. Empty lines are passed over.
  bool next(std::vector<std::string>& fields) {
    while (at_ < text_.size()) {
      row_line_ = line_;
      read_row(fields);
      if (fields.size() > 1 || !fields.front().empty()) return true;
    }
    return false;
  }

 private:
  void read_row(std::vector<std::string>& fields) {
    fields.assign(1, {});
    bool quoted = false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (quoted) {
        const bool doubled = c == '"' && at_ < text_.size() && text_[at_] == '"';
        if (c != '"' || doubled) fields.back() += c;
        if (doubled) ++at_;
        if (c == '"' && !doubled) quoted = false;
      } else if (c == '\n') {
        return;
      } else if (c == separator_ && fields.size() < kColumnsMax) {
        fields.emplace_back();
      } else if (c == '"' && fields.back().empty()) {
        quoted = true;
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
  }

  std::string_view text_;
  char separator_ = ',';
  std::size_t at_ = 0;
  int line_ = 1;
  int row_line_ = 1;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

Parsed<Columns> columns_of(const std::string& file, int line,
                           const std::vector<std::string>& header) {
  Columns columns;
  columns.fill(kNotThere);
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string name = lower(header[i]);
    for (const ColumnName& known : kColumnNames) {
      if (name == known.name && columns[known.column] == kNotThere) columns[known.column] = i;
    }
  }
  const bool complete = columns[kLatitude] != kNotThere && columns[kLongitude] != kNotThere &&
                        columns[kTime] != kNotThere;
  if (!complete) {
    return input_error(file, line, "the header names no latitude, longitude and time",
                       "for example: time,latitude,longitude,speed_kmh");
  }
  return columns;
}

Parsed<TrackPoint> point_of(const std::string& file, int line, const Columns& columns,
                            const std::vector<std::string>& fields) {
  const auto field = [&](Column column) -> std::string_view {
    const std::size_t at = columns[column];
    return at < fields.size() ? std::string_view(fields[at]) : std::string_view();
  };
  TrackPoint point;
  const auto latitude = parse_number(field(kLatitude));
  const auto longitude = parse_number(field(kLongitude));
  if (!latitude || !longitude) return input_error(file, line, "latitude or longitude is no number");
  point.place = {*latitude, *longitude};
  if (!is_place(point.place))
    return input_error(file, line, "a place outside the earth, or (0, 0)");
  const auto time_ms = parse_time(field(kTime));
  if (!time_ms) {
    return input_error(file, line, "the time is neither ISO 8601 nor seconds or milliseconds");
  }
  point.time_ms = *time_ms;
  point.altitude_meters = parse_number(field(kAltitude));
  point.speed_kmh = parse_number(field(kSpeedKmh));
  if (const auto speed_ms = parse_number(field(kSpeedMs))) point.speed_kmh = *speed_ms * 3.6;
  point.heading_degrees = parse_number(field(kHeading));
  point.accuracy_meters = parse_number(field(kAccuracy));
  return point;
}

}  // namespace

Parsed<std::vector<Trip>> parse_csv(const std::string& file, std::string_view text) {
  Rows rows(text);
  std::vector<std::string> fields;
  if (!rows.next(fields)) return input_error(file, 0, "is empty");
  const auto columns = columns_of(file, rows.line(), fields);
  if (!columns) return tl::unexpected<InputError>(columns.error());
  std::map<std::string, std::vector<TrackPoint>> tracks;
  for (std::size_t count = 0; rows.next(fields); ++count) {
    if (count >= kTrackPointsMax) return input_error(file, rows.line(), "too many rows");
    auto point = point_of(file, rows.line(), *columns, fields);
    if (!point) return tl::unexpected<InputError>(point.error());
    const std::size_t track = (*columns)[kTrack];
    tracks[track < fields.size() ? fields[track] : std::string()].push_back(*point);
  }
  std::vector<Trip> trips;
  for (auto& [name, points] : tracks) append_trips(std::move(points), name, trips);
  return trips;
}

}  // namespace sudare::sim
