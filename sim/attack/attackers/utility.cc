#include "sim/attack/attackers/utility.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sudare::sim::attack {

namespace {

constexpr double kKeptMeters = 10;
constexpr double kBinMeters = 5;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
// A cell's value stands until the next one, but not for ever.
constexpr std::int64_t kStandsMs = 900'000;

bool has_place(const Seen& seen) { return seen.latitude_e7 != 0 || seen.longitude_e7 != 0; }

Place place_of(const Seen& seen) { return {seen.latitude_e7 * 1e-7, seen.longitude_e7 * 1e-7}; }

// Distance to the straight line between two records, on the plane around one of them.
double meters_to_line(Place at, Place from, Place to) {
  const Point end = to_point(from, to);
  const Point point = to_point(from, at);
  const double square = end.east * end.east + end.north * end.north;
  double share = 0;
  if (square > 0) share = (point.east * end.east + point.north * end.north) / square;
  share = std::clamp(share, 0.0, 1.0);
  return distance_meters(point, Point{share * end.east, share * end.north});
}

// Two records with a line between them: the car was followed from one to the other.
bool joined(const Seen& from, const Seen& to, std::int64_t bucket_ms) {
  constexpr std::int64_t kJoinedMs = 60'000;
  constexpr double kJoinedMeters = 500;
  return to.time_ms - from.time_ms <= kJoinedMs + bucket_ms &&
         distance_meters(place_of(from), place_of(to)) <= kJoinedMeters;
}

double p95(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto rank =
      static_cast<std::ptrdiff_t>(std::ceil(0.95 * static_cast<double>(values.size())) - 1);
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

}  // namespace

// Released records of one time bucket are in the order of the raw fixes: one pass over both finds
// the nearest record of the fix's bucket. Where the bucket has none, the last record before stands.
void UtilityMeter::match(const std::vector<Fix>& raw, const std::vector<Seen>& released) {
  matched_.assign(raw.size(), kNone);
  off_meters_.assign(raw.size(), std::numeric_limits<double>::infinity());
  const std::int64_t bucket_ms = std::max<std::int64_t>(knowledge_.bucket_ms, 1);
  std::vector<std::size_t> records;
  for (std::size_t i = 0; i < released.size(); ++i) {
    if (has_place(released[i])) records.push_back(i);
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < raw.size() && !records.empty(); ++i) {
    const std::int64_t time_ms = raw[i].time_ms / bucket_ms * bucket_ms;
    const auto off = [&](std::size_t k) {
      return distance_meters(raw[i].place, place_of(released[records[k]]));
    };
    const auto due = [&](std::size_t k) {
      return k < records.size() && released[records[k]].time_ms / bucket_ms * bucket_ms <= time_ms;
    };
    const auto same = [&](std::size_t k) {
      return released[records[k]].time_ms / bucket_ms * bucket_ms == time_ms;
    };
    while (due(at + 1) && (!same(at) || off(at + 1) <= off(at))) ++at;
    if (!due(at) || time_ms - released[records[at]].time_ms > kStandsMs) continue;
    matched_[i] = records[at];
    off_meters_[i] = off(at);
    if (knowledge_.cell != v1::EXACT) continue;
    for (std::size_t k = at > 0 ? at - 1 : at; k < at + 1 && k + 1 < records.size(); ++k) {
      const Seen& from = released[records[k]];
      const Seen& to = released[records[k + 1]];
      if (!joined(from, to, bucket_ms)) continue;
      off_meters_[i] =
          std::min(off_meters_[i], meters_to_line(raw[i].place, place_of(from), place_of(to)));
    }
  }
}

void UtilityMeter::add_displacement(double meters) {
  const auto bin = static_cast<std::size_t>(meters / kBinMeters);
  ++displacement_bins_[std::min(bin, kDisplacementBins - 1)];
  displacement_meters_ += meters;
  ++displacements_;
}

// A stretch between two fixes is kept where its end is: within 10 m of a record that stands for it.
void UtilityMeter::add_kept(const std::vector<Fix>& raw) {
  Kept trip;
  trip.trips = 1;
  for (std::size_t i = 1; i < raw.size(); ++i) {
    const double meters = distance_meters(raw[i - 1].place, raw[i].place);
    const bool kept = off_meters_[i] <= kKeptMeters;
    trip.meters += meters;
    if (kept) trip.kept_meters += meters;
    if (raw[i].road_class == RoadClass::kResidential) continue;
    trip.arterial_meters += meters;
    if (kept) trip.kept_arterial_meters += meters;
  }
  add(trip, all_);
  if (trip.meters >= 6000 && trip.meters < 10'000) add(trip, trips_8km_);
  if (trip.meters >= 16'000 && trip.meters < 25'000) add(trip, trips_20km_);
}

void UtilityMeter::add_links(const std::vector<Fix>& raw, const std::vector<Seen>& released) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].link == 0) continue;
    Link& link = links_[raw[i].link];
    link.raw_kmh += raw[i].speed_kmh;
    ++link.raw;
    if (matched_[i] == kNone || off_meters_[i] > kKeptMeters) continue;
    if (i > 0 && matched_[i - 1] == matched_[i]) continue;  // once per record
    const float speed_kmh = released[matched_[i]].speed_kmh;
    if (std::isnan(speed_kmh)) continue;
    link.released_kmh += static_cast<double>(speed_kmh);
    ++link.released;
  }
}

void UtilityMeter::add_lengths(const std::vector<Fix>& raw, const std::vector<Seen>& released) {
  const auto add_to = [](std::vector<double>& bins, double meters) {
    ++bins[std::min(static_cast<std::size_t>(meters / 1000), kLengthBins - 1)];
  };
  double meters = 0;
  for (std::size_t i = 1; i < raw.size(); ++i) {
    meters += distance_meters(raw[i - 1].place, raw[i].place);
  }
  add_to(raw_lengths_, meters);
  const Seen* last = nullptr;
  meters = 0;
  for (const Seen& seen : released) {
    if (!has_place(seen)) continue;
    if (last != nullptr) meters += distance_meters(place_of(*last), place_of(seen));
    last = &seen;
  }
  if (last != nullptr) add_to(released_lengths_, meters);
}

// Before the first fine record and after the last a car is held back, not displaced: fixes from the
// one nearest to the first record up to the one nearest to the last.
std::pair<std::size_t, std::size_t> UtilityMeter::followed() const {
  std::size_t first = 0;
  std::size_t last = matched_.size();
  if (knowledge_.cell != v1::EXACT) return {first, last};
  while (first < last && matched_[first] == kNone) ++first;
  while (last > first && matched_[last - 1] == kNone) --last;
  for (std::size_t i = first; i < last && matched_[i] == matched_[first]; ++i) {
    if (off_meters_[i] < off_meters_[first]) first = i;
  }
  for (std::size_t i = last; i > first && matched_[i - 1] == matched_[last - 1]; --i) {
    if (off_meters_[i - 1] < off_meters_[last - 1]) last = i;
  }
  return {first, last};
}

void UtilityMeter::add_trip(const std::vector<Fix>& raw, const std::vector<Seen>& released) {
  if (raw.empty()) return;
  match(raw, released);
  const auto [first, last] = followed();
  for (std::size_t i = first; i < last; ++i) {
    if (matched_[i] != kNone) add_displacement(off_meters_[i]);
  }
  add_kept(raw);
  add_links(raw, released);
  add_lengths(raw, released);
}

void UtilityMeter::add(const Kept& other, Kept& kept) {
  kept.meters += other.meters;
  kept.kept_meters += other.kept_meters;
  kept.arterial_meters += other.arterial_meters;
  kept.kept_arterial_meters += other.kept_arterial_meters;
  kept.trips += other.trips;
}

void UtilityMeter::add(const UtilityMeter& other) {
  add(other.all_, all_);
  add(other.trips_8km_, trips_8km_);
  add(other.trips_20km_, trips_20km_);
  for (const auto& [id, link] : other.links_) {
    Link& sum = links_[id];
    sum.raw_kmh += link.raw_kmh;
    sum.released_kmh += link.released_kmh;
    sum.raw += link.raw;
    sum.released += link.released;
  }
  const auto add_all = [](const auto& from, auto& to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  add_all(other.displacement_bins_, displacement_bins_);
  add_all(other.raw_lengths_, raw_lengths_);
  add_all(other.released_lengths_, released_lengths_);
  displacement_meters_ += other.displacement_meters_;
  displacements_ += other.displacements_;
}

KeptShare UtilityMeter::share_of(const Kept& kept) {
  KeptShare share;
  share.kilometers = kept.meters / 1000;
  if (kept.meters > 0) share.share = kept.kept_meters / kept.meters;
  if (kept.arterial_meters > 0) {
    share.arterial_share = kept.kept_arterial_meters / kept.arterial_meters;
  }
  share.trips = kept.trips;
  return share;
}

Utility UtilityMeter::result() const {
  Utility utility;
  utility.all = share_of(all_);
  utility.trips_8km = share_of(trips_8km_);
  utility.trips_20km = share_of(trips_20km_);
  if (displacements_ > 0) {
    utility.displacement_mean_meters = displacement_meters_ / static_cast<double>(displacements_);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < displacement_bins_.size(); ++i) {
      below += displacement_bins_[i];
      utility.displacement_p95_meters = static_cast<double>(i + 1) * kBinMeters;
      if (static_cast<double>(below) >= 0.95 * static_cast<double>(displacements_)) break;
    }
  }
  double error = 0;
  double weight = 0;
  double covered = 0;
  for (const auto& [id, link] : links_) {
    if (link.released == 0) continue;
    ++covered;
    const auto raw = static_cast<double>(link.raw);
    error +=
        raw * std::abs(link.raw_kmh / raw - link.released_kmh / static_cast<double>(link.released));
    weight += raw;
  }
  utility.segment_speed_error_kmh =
      weight > 0 ? error / weight : std::numeric_limits<double>::quiet_NaN();
  if (!links_.empty()) utility.links_covered = covered / static_cast<double>(links_.size());
  double raw_trips = 0;
  double released_trips = 0;
  for (std::size_t i = 0; i < kLengthBins; ++i) {
    raw_trips += raw_lengths_[i];
    released_trips += released_lengths_[i];
  }
  if (raw_trips > 0) utility.trip_length_distance = released_trips > 0 ? 0 : 1;
  for (std::size_t i = 0; i < kLengthBins && released_trips > 0; ++i) {
    utility.trip_length_distance +=
        std::abs(raw_lengths_[i] / raw_trips - released_lengths_[i] / released_trips) / 2;
  }
  return utility;
}

HazardResult measure_hazards(const std::vector<HazardSeen>& hazards) {
  HazardResult result;
  std::vector<double> errors;
  std::vector<double> delays;
  std::vector<double> coarse_delays;
  for (const HazardSeen& hazard : hazards) {
    ++(hazard.inside_hold ? result.inside : result.outside);
    if (hazard.inside_hold) {
      if (hazard.first_arrival_ms == 0) continue;
      coarse_delays.push_back(static_cast<double>(hazard.first_arrival_ms - hazard.time_ms));
    } else if (hazard.fine_arrival_ms != 0) {
      errors.push_back(distance_meters(hazard.place, hazard.fine_place));
      delays.push_back(static_cast<double>(hazard.fine_arrival_ms - hazard.time_ms));
    }
  }
  const auto share = [](std::size_t part, std::size_t all) {
    return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0;
  };
  result.outside_arrived = share(errors.size(), result.outside);
  result.inside_arrived = share(coarse_delays.size(), result.inside);
  result.outside_error_p95_meters = p95(std::move(errors));
  result.outside_delay_p95_ms = p95(std::move(delays));
  result.inside_coarse_delay_p95_ms = p95(std::move(coarse_delays));
  return result;
}

}  // namespace sudare::sim::attack
