// The odometer's part of the evidence: how far a car drove unseen around each pause.
#include <algorithm>
#include <array>
#include <cmath>

#include "sim/attack/attackers/evidence.h"

namespace sudare::sim::attack {

namespace {

// Straight lines between records and the wheels disagree by about so much near a trip's end.
constexpr double kPathSlackMeters = 25;
// Further along, the sum of straight lines drifts from the odometer.
constexpr double kRefineMeters = 1500;
constexpr std::int64_t kBesideMs = 20'000;

}  // namespace

double odometer_step_meters(const std::vector<double>& readings_meters) {
  for (const double step : {10'000.0, 5000.0, 2000.0, 1000.0, 500.0, 200.0, 100.0}) {
    const bool all =
        std::all_of(readings_meters.begin(), readings_meters.end(), [&](double meters) {
          return std::abs(meters - std::round(meters / step) * step) < 8;  // a float's resolution
        });
    if (all && !readings_meters.empty()) return step;
  }
  return 0;
}

// Every reading says that the odometer at the end is within a step; where the odometer steps
// between two fine positions, the bounds nearly meet. So a coarse odometer beside a fine trace is
// as good as a fine one.
void EvidenceReader::refine_odometer(TripEnd& end, const TripEnd& other, double step_meters) const {
  const auto& time_ms = evidence_.time_ms;
  const auto& path = evidence_.path_meters;
  const std::int64_t from_ms = std::min(time_ms[end.record], time_ms[other.record]) - kBesideMs;
  const std::int64_t until_ms = std::max(time_ms[end.record], time_ms[other.record]) + kBesideMs;
  auto reading = std::lower_bound(
      readings_.begin(), readings_.end(), from_ms,
      [](const Reading& left, std::int64_t right) { return left.time_ms < right; });
  const double window_meters = std::max(kRefineMeters, 2.5 * step_meters);
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  for (; reading != readings_.end() && reading->time_ms <= until_ms; ++reading) {
    std::size_t record = reading->record;
    if (record == Pause::kNone) {
      const auto beside = std::lower_bound(time_ms.begin(), time_ms.end(), reading->time_ms);
      if (beside == time_ms.end() || *beside - reading->time_ms > kBesideMs) continue;
      record = static_cast<std::size_t>(beside - time_ms.begin());
    }
    if (record < std::min(end.record, other.record) || record > std::max(end.record, other.record))
      continue;
    const double ahead = path[end.record] - path[record];  // negative at a start
    if (std::abs(ahead) > window_meters) continue;
    low = std::max(low, reading->meters + ahead);
    high = std::min(high, reading->meters + ahead + step_meters);
  }
  if (std::isinf(low)) return;
  end.odometer_meters = (low + high) / 2;
  end.odometer_slack_meters = std::max(0.0, high - low) / 2 + kPathSlackMeters;
}

// A reading without position while the car is parked or on its way in: splits the hidden part.
void EvidenceReader::add_resting_odometer(Pause& pause, double step_meters) {
  if (pause.arrival == Pause::kNone || pause.departure == Pause::kNone) return;
  TripEnd& arrival = evidence_.ends[pause.arrival];
  TripEnd& departure = evidence_.ends[pause.departure];
  const std::int64_t from_ms = evidence_.time_ms[arrival.record];
  const std::int64_t until_ms = evidence_.time_ms[departure.record];
  if (std::isnan(arrival.hidden_seconds) && std::isnan(departure.hidden_seconds)) return;
  auto reading = std::upper_bound(
      readings_.begin(), readings_.end(), from_ms,
      [](std::int64_t left, const Reading& right) { return left < right.time_ms; });
  // The last before the long gap is the car at rest.
  double rest = kUnknown;
  std::int64_t last_ms = from_ms;
  for (; reading != readings_.end() && reading->time_ms < until_ms; ++reading) {
    if (reading->time_ms - last_ms > 3 * 60'000 && !std::isnan(rest)) {
      rest = std::max(rest, reading->meters);  // the first of the way out hasn't driven yet
      break;
    }
    rest = reading->meters;
    last_ms = reading->time_ms;
  }
  if (std::isnan(rest)) return;
  rest += step_meters / 2;
  const double slack = step_meters / 2 + kPathSlackMeters;
  arrival.hidden_meters = rest - arrival.odometer_meters;
  arrival.hidden_slack_meters = slack + arrival.odometer_slack_meters;
  departure.hidden_meters = departure.odometer_meters - rest;
  departure.hidden_slack_meters = slack + departure.odometer_slack_meters;
}

void EvidenceReader::add_odometer() {
  if (readings_.empty()) return;
  double step_meters = knowledge_.odometer_step_km * 1000;
  if (step_meters == 0) {
    std::vector<double> meters;
    for (const Reading& reading : readings_) meters.push_back(reading.meters);
    step_meters = odometer_step_meters(meters);
  }
  auto& ends = evidence_.ends;
  for (std::size_t i = 0; i + 1 < ends.size(); i += 2) {
    refine_odometer(ends[i], ends[i + 1], step_meters);
    refine_odometer(ends[i + 1], ends[i], step_meters);
  }
  for (Pause& pause : evidence_.pauses) {
    if (pause.arrival == Pause::kNone || pause.departure == Pause::kNone) continue;
    const TripEnd& arrival = ends[pause.arrival];
    const TripEnd& departure = ends[pause.departure];
    pause.hidden_meters = departure.odometer_meters - arrival.odometer_meters;
    pause.hidden_slack_meters = arrival.odometer_slack_meters + departure.odometer_slack_meters;
    add_resting_odometer(pause, step_meters);
  }
}

}  // namespace sudare::sim::attack
