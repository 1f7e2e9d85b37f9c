#include "sim/trip/track_points.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace sudare::sim {

namespace {

constexpr std::int64_t kTripGapMs = 5 * 60'000;
// Whole numbers above this are milliseconds: as seconds they lie in the year 5138.
constexpr std::int64_t kLeastMilliseconds = 100'000'000'000;
constexpr std::int64_t kLeastTimeMs = 31'536'000'000;    // 1971
constexpr std::int64_t kMostTimeMs = 7'258'118'400'000;  // 2200
// Changes of speed over longer intervals say nothing about a manoeuvre.
constexpr std::int64_t kHarshIntervalMsMax = 6000;
constexpr double kHarshMs2 = 2.5;

// `count` digits at the front of `text`, which lose them.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// ".25" as milliseconds; digits beyond the third are dropped.
int take_fraction_ms(std::string_view& text) {
  if (!take(text, '.') && !take(text, ',')) return 0;
  int ms = 0;
  int weight = 100;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    ms += (text.front() - '0') * weight;
    weight /= 10;
    text.remove_prefix(1);
  }
  return ms;
}

// "Z", "+09:00", "-0330" or nothing; in minutes east of UTC.
std::optional<int> take_offset_minutes(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return 0;
  const bool west = text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours) return std::nullopt;
  take(text, ':');
  const auto minutes = text.empty() ? std::optional<int>(0) : take_digits(text, 2);
  if (!minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (*hours * 60 + *minutes);
}

std::optional<std::int64_t> parse_iso_8601(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !(take(text, 'T') || take(text, ' '))) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  const int ms = take_fraction_ms(text);
  const auto offset = take_offset_minutes(text);
  if (!offset || !text.empty()) return std::nullopt;
  namespace chrono = std::chrono;
  const chrono::year_month_day date{chrono::year(*year),
                                    chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days = chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + *hour) * 60 + *minute - *offset) * 60'000 + *second * 1000 + ms;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::optional<std::int64_t> result;
  if (code == std::errc() && end == text.data() + text.size()) {
    if (std::abs(number) >= kMostTimeMs) return std::nullopt;
    result = number >= kLeastMilliseconds ? number : number * 1000;
  } else {
    result = parse_iso_8601(text);
  }
  if (result && (*result < kLeastTimeMs || *result >= kMostTimeMs)) return std::nullopt;
  return result;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool is_place(Place place) {
  // Written so that NaN is no place.
  return place.latitude >= -90 && place.latitude <= 90 && place.longitude >= -180 &&
         place.longitude <= 180 && (place.latitude != 0 || place.longitude != 0);
}

namespace {

void find_harsh_manoeuvres(Trip& trip) {
  for (std::size_t i = 1; i < trip.fixes.size(); ++i) {
    const Fix& before = trip.fixes[i - 1];
    const Fix& fix = trip.fixes[i];
    const std::int64_t interval_ms = fix.time_ms - before.time_ms;
    if (interval_ms <= 0 || interval_ms > kHarshIntervalMsMax) continue;
    const double ms2 =
        (fix.speed_kmh - before.speed_kmh) / 3.6 / (static_cast<double>(interval_ms) / 1000);
    if (std::abs(ms2) < kHarshMs2) continue;
    trip.events.push_back({ms2 < 0 ? HarshKind::kBraking : HarshKind::kAcceleration, i,
                           std::abs(ms2), static_cast<unsigned>(interval_ms)});
  }
}

Fix fix_of(const TrackPoint& point, const TrackPoint* before, const Fix* fix_before) {
  Fix fix;
  fix.time_ms = point.time_ms;
  fix.place = point.place;
  fix.altitude_meters = point.altitude_meters.value_or(0);
  fix.accuracy_meters = point.accuracy_meters.value_or(5);
  fix.satellites = 10;
  fix.speed_kmh = point.speed_kmh.value_or(0);
  fix.heading_degrees = point.heading_degrees.value_or(0);
  if (before == nullptr) return fix;
  const double meters = distance_meters(before->place, point.place);
  const double seconds = static_cast<double>(point.time_ms - before->time_ms) / 1000;
  if (!point.speed_kmh && seconds > 0) fix.speed_kmh = meters / seconds * 3.6;
  if (!point.heading_degrees) {
    // A receiver at rest keeps its last heading.
    fix.heading_degrees = meters < 1 ? fix_before->heading_degrees
                                     : heading_degrees({}, to_point(before->place, point.place));
  }
  return fix;
}

Trip trip_of(const TrackPoint* first, const TrackPoint* last, const std::string& name) {
  Trip trip;
  trip.destination = name;
  trip.fixes.reserve(static_cast<std::size_t>(last - first));
  for (const TrackPoint* point = first; point != last; ++point) {
    const TrackPoint* before = point == first ? nullptr : point - 1;
    const Fix* fix_before = trip.fixes.empty() ? nullptr : &trip.fixes.back();
    Fix fix = fix_of(*point, before, fix_before);
    if (before != nullptr) trip.distance_meters += distance_meters(before->place, point->place);
    trip.fixes.push_back(fix);
  }
  find_harsh_manoeuvres(trip);
  return trip;
}

}  // namespace

void append_trips(std::vector<TrackPoint> points, const std::string& name,
                  std::vector<Trip>& trips) {
  std::stable_sort(points.begin(), points.end(),
                   [](const TrackPoint& a, const TrackPoint& b) { return a.time_ms < b.time_ms; });
  const TrackPoint* const all = points.data();
  std::size_t first = 0;
  for (std::size_t i = 1; i <= points.size(); ++i) {
    if (i < points.size() && points[i].time_ms - points[i - 1].time_ms < kTripGapMs) continue;
    trips.push_back(trip_of(all + first, all + i, name));
    first = i;
  }
}

}  // namespace sudare::sim
