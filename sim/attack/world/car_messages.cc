#include "sim/attack/world/car_messages.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "sim/traffic/encode.h"

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kStatusMs = 10'000;
constexpr double kKmPerLiter = 20;
constexpr double kTankLiters = 43;
constexpr double kRefuelPercent = 15;

std::string bytes_of_message(const google::protobuf::Message& message) {
  return encode(message, PayloadCodec::kProtobuf, 0);
}

}  // namespace

WantedTopics wanted_topics(const Policy& policy, PurposeIndex purpose) {
  WantedTopics wanted;
  const auto has_rule = [&](std::string_view topic) {
    const SourcePlan* const source = find_source(policy, topic);
    return source != nullptr &&
           std::any_of(source->releases.begin(), source->releases.end(),
                       [&](const ReleasePlan& plan) { return plan.purpose == purpose; });
  };
  wanted.position = has_rule("vehicle/position");
  wanted.ignition = find_source(policy, "vehicle/status") != nullptr;
  wanted.status = has_rule("vehicle/status");
  wanted.driving = has_rule("vehicle/driving");
  wanted.trip = has_rule("vehicle/trip");
  return wanted;
}

CarMessages::CarMessages(const WantedTopics& wanted, Random random)
    : wanted_(wanted), random_(random) {
  state_.odometer_km = random_.between(2000, 90'000);
  state_.fuel_percent = random_.between(40, 95);
  state_.outside_celsius = random_.between(-2, 33);
}

void CarMessages::send_fix(const Trip& trip, const Fix& fix, const MessageSink& sink) {
  if (wanted_.position) {
    sink("vehicle/position", bytes_of_message(position_message(fix, false)), fix.time_ms, true);
  }
  const std::int64_t into_ms = fix.time_ms - trip.fixes.front().time_ms;
  const bool first = into_ms == 0;
  if ((wanted_.ignition && first) || (wanted_.status && into_ms % kStatusMs == 0)) {
    sink("vehicle/status",
         bytes_of_message(status_message(fix, state_, vehicle::VehicleStatus::ON, random_)),
         fix.time_ms, true);
  }
}

void CarMessages::send_parked(const Outing& outing, const MessageSink& sink) const {
  if (!wanted_.position) return;
  for (const Fix& fix : outing.parked) {
    sink("vehicle/position", bytes_of_message(position_message(fix, true)), fix.time_ms, false);
  }
}

void CarMessages::send(const Outing& outing, const MessageSink& sink) {
  const Trip& trip = outing.trip;
  std::vector<HarshEvent> events = trip.events;
  std::stable_sort(events.begin(), events.end(),
                   [](const HarshEvent& a, const HarshEvent& b) { return a.fix < b.fix; });
  auto event = events.begin();
  const double km_per_fix = trip.distance_meters / 1000 / static_cast<double>(trip.fixes.size());
  const std::int64_t end_ms = trip.fixes.back().time_ms;
  if (wanted_.trip) {
    sink("vehicle/trip", bytes_of_message(trip_start_message(trip, state_)),
         trip.fixes.front().time_ms, true);
  }
  for (std::size_t i = 0; i < trip.fixes.size(); ++i) {
    send_fix(trip, trip.fixes[i], sink);
    state_.odometer_km += km_per_fix;
    state_.fuel_percent -= km_per_fix / kKmPerLiter / kTankLiters * 100;
    for (; event != events.end() && event->fix == i; ++event) {
      if (!wanted_.driving) continue;
      sink("vehicle/driving", bytes_of_message(driving_event_message(trip, *event)),
           trip.fixes[i].time_ms, true);
    }
  }
  if (wanted_.driving) {
    sink("vehicle/driving", bytes_of_message(driving_summary_message(trip)), end_ms, true);
  }
  if (wanted_.trip) {
    const double fuel_l = trip.distance_meters / 1000 / kKmPerLiter;
    sink("vehicle/trip", bytes_of_message(trip_end_message(trip, state_, fuel_l)), end_ms, true);
  }
  if (wanted_.ignition) {
    sink("vehicle/status",
         bytes_of_message(status_message(trip.fixes.back(), state_,
                                         vehicle::VehicleStatus::IGNITION_UNSPECIFIED, random_)),
         end_ms, false);
  }
  if (state_.fuel_percent < kRefuelPercent) state_.fuel_percent = 100;
  send_parked(outing, sink);
}

}  // namespace sudare::sim::attack
