// What an attacker reads out of one track before any attack: where it has trips and pauses, how
// each trip begins and ends, and which pauses are at home.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/attackers/plane.h"
#include "sim/attack/data.h"

namespace sudare::sim::attack {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// First or last record of a trip.
struct TripEnd {
  bool start = false;
  std::size_t record = 0;  // index into Evidence::at
  Point at;
  Point inner;                        // a record at least 40 m further inside the trip, if any
  Point far;                          // one 2 km inside, or the trip's other end
  double step_meters = 0;             // to the neighbour inside: how finely the end is known
  double heading_degrees = kUnknown;  // as released with it
  double speed_kmh = kUnknown;
  double hidden_seconds = kUnknown;   // between it and the car's first or last sign of life
  double odometer_meters = kUnknown;  // at this record, refined by where the odometer steps
  double odometer_slack_meters = 0;   // ± of it
  double hidden_meters = kUnknown;    // driven between it and the pause, where odometers tell
  double hidden_slack_meters = 0;
};

// Between two trips, or at either end of the track.
struct Pause {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t arrival = kNone;  // index into Evidence::ends
  std::size_t departure = kNone;
  double hours = 0;
  double night_hours = 0;           // of it between 22 and 07 h; 0 without time
  double hidden_meters = kUnknown;  // driven unseen before and after the pause, together
  double hidden_slack_meters = 0;
  Point middle;  // of the last and the first record
  bool home = false;
};

struct Evidence {
  bool timed = true;
  std::vector<Point> at;               // records with a position, by time
  std::vector<std::int64_t> time_ms;   // of these
  std::vector<double> path_meters;     // driven up to each, in straight lines
  std::vector<float> heading_degrees;  // NaN where not released
  std::vector<float> speed_kmh;
  std::vector<TripEnd> ends;  // start, end, start, end …
  std::vector<Pause> pauses;
  std::vector<std::size_t> home_ends;  // of `ends`: those beside pauses at home
  Point anchor;                        // roughly home: the middle of its pauses
  double reach_meters = 0;             // home lies so near the anchor, as a rule
};

// Reads tracks; reuses its memory. Not thread-safe.
class EvidenceReader {
 public:
  EvidenceReader(Place origin, const Knowledge& knowledge, const Fields& fields);

  // Valid until the next call. Empty `at` where the track has no position.
  const Evidence& read(const Track& track);

 private:
  struct Reading {
    std::int64_t time_ms;
    double meters;
    std::size_t record;  // kNone where it has no position of its own
  };
  struct Run {
    std::size_t first;
    std::size_t last;
  };

  void take_records(const Track& track);
  [[nodiscard]] bool coarse(const Seen& seen) const;
  void find_trips();
  void add_trip(Run run);
  void add_pauses();
  void add_hidden_seconds();
  void add_odometer();
  void refine_odometer(TripEnd& end, const TripEnd& other, double step_meters) const;
  void add_resting_odometer(Pause& pause, double step_meters);
  void choose_home();
  [[nodiscard]] double night_hours(std::int64_t from_ms, std::int64_t until_ms) const;

  Plane plane_;
  Knowledge knowledge_;
  Fields fields_;
  Evidence evidence_;
  std::vector<std::int64_t> signs_ms_;  // every record, with a position or not
  std::vector<Reading> readings_;
};

// A step that all odometer values are multiples of, in metres: 10 km … 100 m; 0: finer.
[[nodiscard]] double odometer_step_meters(const std::vector<double>& readings_meters);

}  // namespace sudare::sim::attack
