// What the readers of recorded trips share: points as a file gives them, and trips made from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"
#include "sim/trip/trip.h"

namespace sudare::sim {

// A file of recorded trips: larger ones are archives, not trips.
inline constexpr std::size_t kTripFileBytesMax = 256 * 1024 * 1024;
// Points of one file: a year at 1 Hz of driving is 1.5 million.
inline constexpr std::size_t kTrackPointsMax = 5'000'000;

struct TrackPoint {
  std::int64_t time_ms = 0;
  Place place;
  std::optional<double> altitude_meters;
  std::optional<double> speed_kmh;
  std::optional<double> heading_degrees;
  std::optional<double> accuracy_meters;
};

// Unix ms. "2020-02-28T11:54:19Z", with a fraction, with an offset "+09:00", with a space for the
// T; without offset it is UTC. Or a whole number: seconds, or milliseconds from 1e11 on. Years 1971
// to 2199.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

// A decimal number, whole text; no NaN, no infinity.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

// In range and not exactly (0, 0), which receivers without a fix report.
[[nodiscard]] bool is_place(Place place);

// Trips from one recording. Sorts by time and splits where nothing was recorded for 5 minutes;
// fills in speed and heading from neighbours and finds harsh manoeuvres where speeds are close
// enough in time.
void append_trips(std::vector<TrackPoint> points, const std::string& name,
                  std::vector<Trip>& trips);

}  // namespace sudare::sim
