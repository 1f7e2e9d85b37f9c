#include "sim/attack/attackers/evidence.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// An errand is no shorter; a red light no longer.
constexpr std::int64_t kPauseMs = 5 * kMinuteMs;
// In one cell a slow car stays longer than that.
constexpr std::int64_t kCellPauseMs = 15 * kMinuteMs;
constexpr double kRestMeters = 100;
constexpr double kInnerMeters = 40;
constexpr double kFarMeters = 2000;

bool has_place(const Seen& seen) { return seen.latitude_e7 != 0 || seen.longitude_e7 != 0; }

std::int64_t time_of(const Seen& seen) {
  return seen.time_ms != 0 ? seen.time_ms : seen.arrival_ms;
}

}  // namespace

EvidenceReader::EvidenceReader(Place origin, const Knowledge& knowledge, const Fields& fields)
    : plane_(origin), knowledge_(knowledge), fields_(fields) {}

// Among fine positions a hazard inside a hold is the exact middle of a cell: it says no more than
// the ring does and would only disturb.
bool EvidenceReader::coarse(const Seen& seen) const {
  if (knowledge_.ring == v1::CELL_UNSPECIFIED || knowledge_.cell != v1::EXACT) return false;
  const Position at{seen.latitude_e7, seen.longitude_e7};
  for (const v1::Cell level : {v1::M1000, knowledge_.ring}) {
    const auto centre = cell_centre(at, level);
    if (centre.has_value() && *centre == at) return true;
  }
  return false;
}

void EvidenceReader::take_records(const Track& track) {
  evidence_.timed = fields_.time;
  evidence_.at.clear();
  evidence_.time_ms.clear();
  evidence_.path_meters.clear();
  evidence_.heading_degrees.clear();
  evidence_.speed_kmh.clear();
  evidence_.ends.clear();
  evidence_.pauses.clear();
  evidence_.home_ends.clear();
  signs_ms_.clear();
  readings_.clear();
  for (const Seen& seen : track.seen) {
    const std::int64_t time_ms = time_of(seen);
    signs_ms_.push_back(time_ms);
    std::size_t record = Pause::kNone;
    if (has_place(seen) && !coarse(seen)) {
      record = evidence_.at.size();
      const Point at = plane_.point(seen.latitude_e7, seen.longitude_e7);
      const double path =
          record == 0 ? 0 : evidence_.path_meters.back() + distance_meters(evidence_.at.back(), at);
      evidence_.at.push_back(at);
      evidence_.time_ms.push_back(time_ms);
      evidence_.path_meters.push_back(path);
      evidence_.heading_degrees.push_back(fields_.heading ? seen.heading_degrees : kNotReleased);
      evidence_.speed_kmh.push_back(fields_.speed ? seen.speed_kmh : kNotReleased);
    }
    if (fields_.odometer && !std::isnan(seen.odometer_km)) {
      readings_.push_back({time_ms, static_cast<double>(seen.odometer_km) * 1000, record});
    }
  }
}

// A pause is a gap, or a run of records that stay near its first.
void EvidenceReader::find_trips() {
  const auto& at = evidence_.at;
  const auto& time_ms = evidence_.time_ms;
  const bool cells = knowledge_.cell != v1::EXACT;
  const bool noisy = knowledge_.noise_meters > 0 && !knowledge_.noise_per_trip;
  const std::int64_t pause_ms =
      std::max(cells || noisy ? kCellPauseMs : kPauseMs, 2 * knowledge_.bucket_ms);
  const double rest_meters = noisy ? 4 * knowledge_.noise_meters : kRestMeters;
  std::size_t first = 0;
  const auto close = [&](std::size_t last) {
    if (last > first || !noisy) add_trip({first, last});
  };
  for (std::size_t i = 0; i + 1 < at.size();) {
    std::size_t last = i;
    while (last + 1 < at.size() && time_ms[last + 1] - time_ms[last] < pause_ms &&
           distance_meters(at[i], at[last + 1]) < rest_meters) {
      ++last;
    }
    const bool gap = last + 1 < at.size() && time_ms[last + 1] - time_ms[last] >= pause_ms;
    const bool rest = time_ms[last] - time_ms[i] >= pause_ms;
    if (rest) {
      if (i > first) close(i);
      first = last;
      if (gap) first = last + 1;
      i = first;
    } else if (gap) {
      close(last);
      first = last + 1;
      i = first;
    } else {
      ++i;
    }
  }
  if (!at.empty() && first + 1 < at.size()) close(at.size() - 1);
}

void EvidenceReader::add_trip(Run run) {
  const auto& at = evidence_.at;
  const auto end_at = [&](bool is_start, std::size_t record) {
    TripEnd end;
    end.start = is_start;
    end.record = record;
    end.at = at[record];
    end.heading_degrees = static_cast<double>(evidence_.heading_degrees[record]);
    end.speed_kmh = static_cast<double>(evidence_.speed_kmh[record]);
    return end;
  };
  TripEnd start = end_at(true, run.first);
  TripEnd end = end_at(false, run.last);
  const auto seek = [&](const TripEnd& from, double meters, bool forward) {
    for (std::size_t i = from.record;; i += forward ? 1 : std::size_t(-1)) {
      if (distance_meters(at[i], from.at) >= meters) return at[i];
      if (i == (forward ? run.last : run.first)) return at[i];
    }
  };
  start.inner = seek(start, kInnerMeters, true);
  start.far = seek(start, kFarMeters, true);
  end.inner = seek(end, kInnerMeters, false);
  end.far = seek(end, kFarMeters, false);
  if (run.last > run.first) {
    start.step_meters = distance_meters(at[run.first], at[run.first + 1]);
    end.step_meters = distance_meters(at[run.last], at[run.last - 1]);
  }
  evidence_.ends.push_back(start);
  evidence_.ends.push_back(end);
}

double EvidenceReader::night_hours(std::int64_t from_ms, std::int64_t until_ms) const {
  double hours = 0;
  const std::int64_t from = from_ms + knowledge_.local_offset_ms;
  const std::int64_t until = until_ms + knowledge_.local_offset_ms;
  // Nights begin at 22 h; the first that may overlap began the day before.
  for (std::int64_t night = (from / kDayMs - 1) * kDayMs + 22 * kHourMs; night < until;
       night += kDayMs) {
    const std::int64_t low = std::max(night, from);
    const std::int64_t high = std::min(night + 9 * kHourMs, until);
    if (high > low) hours += static_cast<double>(high - low) / static_cast<double>(kHourMs);
  }
  return hours;
}

void EvidenceReader::add_pauses() {
  auto& ends = evidence_.ends;
  if (ends.empty()) return;
  for (std::size_t i = 0; i <= ends.size(); i += 2) {
    Pause pause;
    if (i > 0) pause.arrival = i - 1;
    if (i < ends.size()) pause.departure = i;
    const TripEnd& before = ends[i > 0 ? i - 1 : 0];
    const TripEnd& after = ends[i < ends.size() ? i : i - 1];
    const std::int64_t from_ms = evidence_.time_ms[before.record];
    const std::int64_t until_ms = evidence_.time_ms[after.record];
    pause.hours = static_cast<double>(until_ms - from_ms) / static_cast<double>(kHourMs);
    // A car that isn't heard of for days is no better known than one of a night.
    if (fields_.time) {
      pause.night_hours = night_hours(from_ms, std::min(until_ms, from_ms + 2 * kDayMs));
    }
    pause.middle = {(before.at.east + after.at.east) / 2, (before.at.north + after.at.north) / 2};
    evidence_.pauses.push_back(pause);
  }
}

// Records without a position tell when a car drives unseen.
void EvidenceReader::add_hidden_seconds() {
  if (!fields_.time || signs_ms_.size() == evidence_.at.size()) return;
  const std::int64_t pause_ms = std::max(3 * kMinuteMs, 2 * knowledge_.bucket_ms);
  for (TripEnd& end : evidence_.ends) {
    const std::int64_t time_ms = evidence_.time_ms[end.record];
    std::int64_t sign_ms = time_ms;
    if (end.start) {
      auto sign = std::lower_bound(signs_ms_.begin(), signs_ms_.end(), time_ms);
      while (sign != signs_ms_.begin() && sign_ms - *std::prev(sign) < pause_ms) {
        sign_ms = *--sign;
      }
    } else {
      auto sign = std::upper_bound(signs_ms_.begin(), signs_ms_.end(), time_ms);
      while (sign != signs_ms_.end() && *sign - sign_ms < pause_ms) sign_ms = *sign++;
    }
    if (sign_ms != time_ms) {
      end.hidden_seconds = std::abs(static_cast<double>(time_ms - sign_ms)) / 1000;
    }
  }
}

const Evidence& EvidenceReader::read(const Track& track) {
  take_records(track);
  find_trips();
  add_pauses();
  add_hidden_seconds();
  add_odometer();
  choose_home();
  return evidence_;
}

// Home is where the nights are; without hours, where most pauses are.
void EvidenceReader::choose_home() {
  const double ring = side_meters(knowledge_.ring);
  const double cell = side_meters(knowledge_.cell);
  evidence_.reach_meters =
      std::max({250.0, 1.6 * ring, 1.2 * cell,
                1.1 * std::max(knowledge_.trim_meters, knowledge_.trim_meters_most) + 100,
                2 * knowledge_.circle_meters, 3 * knowledge_.noise_meters});
  if (evidence_.pauses.empty()) {
    if (!evidence_.at.empty()) evidence_.anchor = evidence_.at.front();
    return;
  }
  std::vector<Weighted> middles;
  for (const Pause& pause : evidence_.pauses) {
    const bool whole = pause.arrival != Pause::kNone && pause.departure != Pause::kNone;
    const double weight = fields_.time ? pause.night_hours + 0.01 * std::min(pause.hours, 24.0) : 1;
    middles.push_back({pause.middle, whole ? weight : weight / 10});
  }
  // The densest neighbourhood, so that a second place with long stays doesn't pull.
  double best = -1;
  for (const Weighted& centre : middles) {
    double weight = 0;
    for (const Weighted& other : middles) {
      if (distance_meters(centre.at, other.at) <= evidence_.reach_meters) weight += other.weight;
    }
    if (weight <= best) continue;
    best = weight;
    evidence_.anchor = centre.at;
  }
  std::vector<Weighted> near;
  for (const Weighted& middle : middles) {
    if (distance_meters(middle.at, evidence_.anchor) <= evidence_.reach_meters) {
      near.push_back(middle);
    }
  }
  evidence_.anchor = geometric_median(near);
  for (Pause& pause : evidence_.pauses) {
    pause.home = distance_meters(pause.middle, evidence_.anchor) <= evidence_.reach_meters;
    if (!pause.home) continue;
    if (pause.arrival != Pause::kNone) evidence_.home_ends.push_back(pause.arrival);
    if (pause.departure != Pause::kNone) evidence_.home_ends.push_back(pause.departure);
  }
}

}  // namespace sudare::sim::attack
