// What is left for the service: always reported beside privacy, so that no one is bought with the
// other unseen. Fed trip by trip with raw fixes; keeps sums only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/data.h"
#include "sim/trip/trip.h"

namespace sudare::sim::attack {

struct KeptShare {
  double kilometers = 0;
  double share = 0;           // within 10 m of the released line
  double arterial_share = 0;  // of arterial and trunk kilometres
  std::size_t trips = 0;
};

struct Utility {
  // Raw fix to what stands for it: the released line (of fine positions; between records of at most
  // 60 s and 500 m apart), or the cell's middle. Fixes that are held back are not counted.
  double displacement_mean_meters = 0;
  double displacement_p95_meters = 0;  // upper edge of a 5 m bin
  KeptShare all;
  KeptShare trips_8km;   // 6 to 10 km (7.8 km: a commute in privacy.md)
  KeptShare trips_20km;  // 16 to 25 km
  // Mean speed per road link from released against raw records, km/h, weighted by raw records; over
  // links that have a released one. NaN where no speed is released.
  double segment_speed_error_kmh = 0;
  double links_covered = 0;  // share of driven links that have one
  // Half the sum of differences between the histograms (1 km bins) of driven and released trip
  // lengths: 0 equal, 1 disjoint.
  double trip_length_distance = 0;
};

// Not thread-safe.
class UtilityMeter {
 public:
  explicit UtilityMeter(const Knowledge& knowledge) : knowledge_(knowledge) {}

  // One trip: what the receiver said and the records released of it, both by time. Records with
  // latitude and longitude 0 have no position.
  void add_trip(const std::vector<Fix>& raw, const std::vector<Seen>& released);
  // What another meter of the same mechanism has seen: one meter per car, then the sum.
  void add(const UtilityMeter& other);
  [[nodiscard]] Utility result() const;

 private:
  struct Kept {
    double meters = 0;
    double kept_meters = 0;
    double arterial_meters = 0;
    double kept_arterial_meters = 0;
    std::size_t trips = 0;
  };
  struct Link {
    double raw_kmh = 0;
    double released_kmh = 0;
    std::size_t raw = 0;
    std::size_t released = 0;
  };
  static constexpr std::size_t kLengthBins = 200;
  static constexpr std::size_t kDisplacementBins = 4000;

  [[nodiscard]] static KeptShare share_of(const Kept& kept);
  static void add(const Kept& other, Kept& kept);
  void match(const std::vector<Fix>& raw, const std::vector<Seen>& released);
  [[nodiscard]] std::pair<std::size_t, std::size_t> followed() const;
  void add_kept(const std::vector<Fix>& raw);
  void add_lengths(const std::vector<Fix>& raw, const std::vector<Seen>& released);
  void add_links(const std::vector<Fix>& raw, const std::vector<Seen>& released);
  void add_displacement(double meters);

  Knowledge knowledge_;
  Kept all_;
  Kept trips_8km_;
  Kept trips_20km_;
  std::unordered_map<std::uint64_t, Link> links_;
  std::vector<std::uint64_t> displacement_bins_ = std::vector<std::uint64_t>(kDisplacementBins);
  std::vector<double> raw_lengths_ = std::vector<double>(kLengthBins);
  std::vector<double> released_lengths_ = std::vector<double>(kLengthBins);
  // Of the trip at hand, by raw fix: the released record that stands for it, and how far it lies
  // off.
  std::vector<std::size_t> matched_;
  std::vector<double> off_meters_;
  double displacement_meters_ = 0;
  std::uint64_t displacements_ = 0;
};

// One hazard (harsh event, warning) and what the recipient got of it.
struct HazardSeen {
  Place place;  // truth
  std::int64_t time_ms = 0;
  bool inside_hold = false;  // within the ring of either trip end
  // First and finest record of it; 0: never arrived.
  std::int64_t first_arrival_ms = 0;
  std::int64_t fine_arrival_ms = 0;
  Place fine_place;
};

struct HazardResult {
  std::size_t outside = 0;
  std::size_t inside = 0;
  double outside_arrived = 0;             // share
  double outside_error_p95_meters = 0;    // of those that arrived
  double outside_delay_p95_ms = 0;        // to the fine record
  double inside_coarse_delay_p95_ms = 0;  // to the first record
  double inside_arrived = 0;
};

[[nodiscard]] HazardResult measure_hazards(const std::vector<HazardSeen>& hazards);

}  // namespace sudare::sim::attack
