// The messages that a trip makes: positions, status, start and end, how it was driven.
#include <algorithm>
#include <cmath>

#include "sim/traffic/message_fields.h"
#include "sim/traffic/messages.h"

namespace sudare::sim {

namespace {

vehicle::RoadClass road_class_of(RoadClass road_class) {
  switch (road_class) {
    case RoadClass::kTrunk: return vehicle::TRUNK;
    case RoadClass::kArterial: return vehicle::SECONDARY;
    case RoadClass::kResidential: break;
  }
  return vehicle::RESIDENTIAL;
}

unsigned duration_seconds(const Trip& trip) {
  return static_cast<unsigned>((trip.fixes.back().time_ms - trip.fixes.front().time_ms) / 1000);
}

unsigned count_of(const Trip& trip, HarshKind kind) {
  return static_cast<unsigned>(
      std::count_if(trip.events.begin(), trip.events.end(),
                    [kind](const HarshEvent& event) { return event.kind == kind; }));
}

// 100 less 8 for each harsh event in an hour, at least 0.
unsigned score_of(unsigned events, unsigned seconds) {
  const double per_hour = events * 3600.0 / std::max(60U, seconds);
  return static_cast<unsigned>(std::max(0.0, 100 - 8 * per_hour));
}

}  // namespace

vehicle::Position position_message(const Fix& fix, bool parked) {
  vehicle::Position message;
  set_place(message, fix.place);
  message.set_altitude_m(tenth(fix.altitude_meters));
  message.set_heading_deg(tenth(fix.heading_degrees));
  message.set_speed_kmh(parked ? 0 : tenth(fix.speed_kmh));
  message.set_accuracy_m(tenth(fix.accuracy_meters));
  message.set_satellites(fix.satellites);
  message.set_time_ms(fix.time_ms);
  message.set_road_class(parked ? vehicle::PARKING : road_class_of(fix.road_class));
  message.set_road_link(fix.link);
  return message;
}

vehicle::Trip trip_start_message(const Trip& trip, const CarState& state) {
  const Fix& start = trip.fixes.front();
  vehicle::Trip message;
  message.set_event(vehicle::Trip::START);
  message.set_time_ms(start.time_ms);
  message.set_start_time_ms(start.time_ms);
  message.set_start_latitude_e7(to_e7(start.place.latitude));
  message.set_start_longitude_e7(to_e7(start.place.longitude));
  message.set_odometer_km(odometer(state));
  message.set_destination(trip.destination);
  return message;
}

vehicle::Trip trip_end_message(const Trip& trip, const CarState& state, double fuel_used_l) {
  vehicle::Trip message = trip_start_message(trip, state);
  const Fix& end = trip.fixes.back();
  message.set_event(vehicle::Trip::END);
  message.set_time_ms(end.time_ms);
  message.set_end_time_ms(end.time_ms);
  message.set_end_latitude_e7(to_e7(end.place.latitude));
  message.set_end_longitude_e7(to_e7(end.place.longitude));
  message.set_distance_m(static_cast<unsigned>(trip.distance_meters));
  message.set_duration_s(duration_seconds(trip));
  message.set_fuel_used_l(static_cast<float>(std::round(fuel_used_l * 100) / 100));
  return message;
}

vehicle::Driving driving_event_message(const Trip& trip, const HarshEvent& harsh) {
  const Fix& fix = trip.fixes[harsh.fix];
  vehicle::Driving message;
  message.set_time_ms(fix.time_ms);
  auto& event = *message.mutable_event();
  switch (harsh.kind) {
    case HarshKind::kBraking: event.set_kind(vehicle::DrivingEvent::HARSH_BRAKING); break;
    case HarshKind::kAcceleration: event.set_kind(vehicle::DrivingEvent::HARSH_ACCELERATION); break;
    case HarshKind::kCornering: event.set_kind(vehicle::DrivingEvent::HARSH_CORNERING); break;
    case HarshKind::kSpeeding: event.set_kind(vehicle::DrivingEvent::SPEEDING); break;
  }
  set_place(event, fix.place);
  event.set_speed_kmh(tenth(fix.speed_kmh));
  event.set_peak_acceleration_ms2(tenth(harsh.peak_ms2));
  event.set_duration_ms(harsh.duration_ms);
  return message;
}

vehicle::Driving driving_summary_message(const Trip& trip) {
  vehicle::Driving message;
  message.set_time_ms(trip.fixes.back().time_ms);
  auto& summary = *message.mutable_summary();
  const unsigned seconds = duration_seconds(trip);
  const unsigned braking = count_of(trip, HarshKind::kBraking);
  const unsigned acceleration = count_of(trip, HarshKind::kAcceleration);
  const unsigned cornering = count_of(trip, HarshKind::kCornering);
  summary.set_score(score_of(static_cast<unsigned>(trip.events.size()), seconds));
  summary.set_braking_score(score_of(braking, seconds));
  summary.set_acceleration_score(score_of(acceleration, seconds));
  summary.set_cornering_score(score_of(cornering, seconds));
  summary.set_harsh_braking_count(braking);
  summary.set_harsh_acceleration_count(acceleration);
  summary.set_harsh_cornering_count(cornering);
  unsigned speeding_ms = 0;
  for (const HarshEvent& event : trip.events) {
    if (event.kind == HarshKind::kSpeeding) speeding_ms += event.duration_ms;
  }
  summary.set_speeding_s((speeding_ms + 999) / 1000);
  summary.set_distance_m(static_cast<unsigned>(trip.distance_meters));
  summary.set_duration_s(seconds);
  return message;
}

vehicle::VehicleStatus status_message(const Fix& fix, const CarState& state,
                                      vehicle::VehicleStatus::Ignition ignition, Random& random) {
  const bool on = ignition == vehicle::VehicleStatus::ON;
  vehicle::VehicleStatus message;
  message.set_time_ms(fix.time_ms);
  message.set_ignition(ignition);
  message.set_speed_kmh(on ? tenth(fix.speed_kmh) : 0);
  message.set_odometer_km(odometer(state));
  message.set_fuel_percent(tenth(state.fuel_percent));
  // 43 l tank, 20 km/l.
  message.set_range_km(tenth(state.fuel_percent / 100 * 43 * 20));
  for (int wheel = 0; wheel < 4; ++wheel) {
    message.add_tyre_pressures_kpa(tenth(232 + random.normal()));
    message.add_windows(vehicle::VehicleStatus::WINDOW_CLOSED);
  }
  for (int place = vehicle::Door::FRONT_LEFT; place <= vehicle::Door::BONNET; ++place) {
    auto& door = *message.add_doors();
    door.set_place(static_cast<vehicle::Door::Place>(place));
    door.set_locked(state.doors_locked);
  }
  message.set_outside_celsius(tenth(state.outside_celsius));
  message.add_seat_belts(on);
  return message;
}

}  // namespace sudare::sim
