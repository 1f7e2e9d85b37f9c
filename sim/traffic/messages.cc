#include "sim/traffic/messages.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/utc.h"
#include "sim/traffic/message_fields.h"

namespace sudare::sim {

vehicle::VehicleIdentity identity_message(const CarIdentity& car, std::int64_t time_ms) {
  vehicle::VehicleIdentity message;
  message.set_vin(car.vin);
  message.set_frame_number(car.frame_number);
  message.set_navigation_terminal(car.navigation_terminal);
  message.set_dcm_id(car.dcm_id);
  message.set_plate(car.plate);
  message.set_model(car.model);
  message.set_model_year(car.model_year);
  message.set_grade(car.grade);
  message.set_time_ms(time_ms);
  return message;
}

vehicle::AccountProfile account_message(const CarIdentity& car, std::int64_t time_ms) {
  vehicle::AccountProfile message;
  message.set_account_id(car.account_id);
  message.set_email(car.email);
  message.set_name(car.name);
  message.set_phone(car.phone);
  auto& contact = *message.add_contacts();
  contact.set_name(car.contact_name);
  contact.set_phone(car.contact_phone);
  contact.set_relation("家族");
  message.set_plan(vehicle::AccountProfile::STANDARD);
  message.set_time_ms(time_ms);
  return message;
}

vehicle::VehicleHealth health_message(std::int64_t time_ms, const CarState& state, bool warning,
                                      Random& random) {
  vehicle::VehicleHealth message;
  message.set_time_ms(time_ms);
  message.set_odometer_km(odometer(state));
  message.set_battery_v(tenth(state.battery_v + 0.1 * random.normal()));
  message.set_key_battery(vehicle::VehicleHealth::GOOD);
  message.set_oil(warning ? vehicle::VehicleHealth::LOW : vehicle::VehicleHealth::GOOD);
  for (int wheel = 0; wheel < 4; ++wheel) {
    message.add_brake_pads_mm(tenth(7.5 + 0.3 * random.normal()));
  }
  message.set_service_due_km(tenth(state.service_due_km));
  if (!warning) return message;
  auto& code = *message.add_trouble_codes();
  code.set_code("P0301");
  code.set_state(vehicle::TroubleCode::CONFIRMED);
  code.set_control_unit("engine");
  auto& frame = *code.mutable_freeze_frame();
  frame.set_time_ms(time_ms);
  frame.set_odometer_km(odometer(state));
  frame.set_speed_kmh(tenth(random.between(20, 60)));
  frame.set_engine_rpm(tenth(random.between(1200, 3400)));
  frame.set_coolant_celsius(tenth(random.between(70, 98)));
  frame.set_load_percent(tenth(random.between(20, 80)));
  frame.set_intake_celsius(tenth(state.outside_celsius + 8));
  frame.set_barometer_kpa(tenth(100.8 + 0.4 * random.normal()));
  return message;
}

vehicle::Maintenance maintenance_message(std::int64_t time_ms, const CarState& state) {
  vehicle::Maintenance message;
  message.set_time_ms(time_ms);
  message.set_odometer_km(odometer(state));
  message.set_service_due_km(tenth(state.service_due_km));
  message.add_recalls("5172");
  message.set_dealer_code("D-99021");
  message.set_dealer_name("豊田サンプル販売 元町店");
  message.set_work_due(vehicle::Maintenance::OIL);
  return message;
}

vehicle::SoftwareReport software_message(std::int64_t time_ms, const CarIdentity& car) {
  vehicle::SoftwareReport message;
  message.set_time_ms(time_ms);
  auto& versions = *message.mutable_versions();
  versions["navigation"] = "24.10.2";
  versions["dcm"] = "7.3.1";
  versions["engine"] = "2.18";
  auto& navigation = *message.add_serials();
  navigation.set_control_unit("navigation");
  navigation.set_serial(car.navigation_terminal);
  auto& dcm = *message.add_serials();
  dcm.set_control_unit("dcm");
  dcm.set_serial(car.dcm_id);
  auto& recorder = *message.add_serials();
  recorder.set_control_unit("drive-recorder");
  recorder.set_serial(car.recorder_serial);
  message.set_map_version("2026-autumn");
  return message;
}

vehicle::Emergency emergency_message(const CarIdentity& car, const Fix& at,
                                     const std::vector<Fix>& last,
                                     vehicle::Emergency::Trigger trigger, Random& random) {
  // As many earlier positions as show the carriageway and the direction of travel.
  constexpr std::size_t kEarlierMax = 5;
  vehicle::Emergency message;
  message.set_trigger(trigger);
  message.set_time_ms(at.time_ms);
  set_place(message, at.place);
  message.set_heading_deg(tenth(at.heading_degrees));
  message.set_accuracy_m(tenth(at.accuracy_meters));
  for (auto fix = last.rbegin(); fix != last.rend(); ++fix) {
    if (static_cast<std::size_t>(message.last_positions_size()) == kEarlierMax) break;
    auto& earlier = *message.add_last_positions();
    earlier.set_time_ms(fix->time_ms);
    set_place(earlier, fix->place);
  }
  if (trigger == vehicle::Emergency::AIRBAG) {
    auto& impact = *message.mutable_impact();
    impact.set_side(vehicle::Impact::FRONT);
    impact.set_delta_v_kmh(tenth(random.between(18, 45)));
  }
  message.set_occupants(1);
  message.set_vin(car.vin);
  message.set_frame_number(car.frame_number);
  message.set_phone(car.phone);
  return message;
}

vehicle::SecurityEvent security_message(const Fix& at, vehicle::SecurityEvent::Kind kind) {
  vehicle::SecurityEvent message;
  message.set_kind(kind);
  message.set_time_ms(at.time_ms);
  set_place(message, at.place);
  message.set_heading_deg(tenth(at.heading_degrees));
  message.set_speed_kmh(0);
  return message;
}

vehicle::RemoteResult remote_message(std::int64_t time_ms, vehicle::RemoteResult::Command command,
                                     const CarState& state, Random& random) {
  char id[17];
  std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(random.bits()));
  vehicle::RemoteResult message;
  message.set_command_id(id);
  message.set_command(command);
  message.set_outcome(random.chance(0.95) ? vehicle::RemoteResult::DONE
                                          : vehicle::RemoteResult::TIMED_OUT);
  message.set_time_ms(time_ms);
  message.set_cabin_celsius(tenth(state.outside_celsius + random.between(0, 9)));
  return message;
}

vehicle::InfotainmentRequest infotainment_message(const CarIdentity& car, const Fix& at,
                                                  const Trip& trip, std::size_t pick) {
  const Fix& end = trip.fixes.back();
  vehicle::InfotainmentRequest message;
  char coordinates[64];
  std::snprintf(coordinates, sizeof coordinates, "%.6f, %.6f", end.place.latitude,
                end.place.longitude);
  switch (pick % 5) {
    case 0:
      message.set_kind(vehicle::InfotainmentRequest::SET_DESTINATION);
      message.set_text(trip.destination + "までお願いします");
      break;
    case 1:
      message.set_kind(vehicle::InfotainmentRequest::OPERATOR);
      message.set_text(car.name + "です。" + car.phone + " に折り返し電話してください");
      break;
    case 2:
      message.set_kind(vehicle::InfotainmentRequest::AGENT);
      message.set_text("予約の確認を " + car.email + " に送って");
      break;
    case 3:
      message.set_kind(vehicle::InfotainmentRequest::OPERATOR);
      message.set_text("車台番号 " + car.frame_number + "、VIN " + car.vin + " の点検を予約したい");
      break;
    default:
      message.set_kind(vehicle::InfotainmentRequest::AGENT);
      message.set_text(std::string("このあたりの駐車場を探して: ") + coordinates);
      break;
  }
  message.add_search_words(trip.destination);
  message.set_destination(trip.destination);
  message.set_destination_latitude_e7(to_e7(end.place.latitude));
  message.set_destination_longitude_e7(to_e7(end.place.longitude));
  set_place(message, at.place);
  message.set_time_ms(at.time_ms);
  return message;
}

vehicle::DriveRecorderEvent drive_recorder_message(const CarIdentity& car,
                                                   const std::vector<Fix>& track,
                                                   vehicle::DriveRecorderEvent::Trigger why,
                                                   const std::string& clip_extension) {
  const Fix& at = track.back();
  vehicle::DriveRecorderEvent message;
  message.set_trigger(why);
  message.set_time_ms(at.time_ms);
  set_place(message, at.place);
  for (const Fix& fix : track) {
    auto& point = *message.add_track();
    point.set_time_ms(fix.time_ms);
    set_place(point, fix.place);
    point.set_speed_kmh(tenth(fix.speed_kmh));
  }
  message.set_clip_file(utc_text(at.time_ms, "EVENT_%Y%m%d_%H%M%S.") + clip_extension);
  // The track leads up to the event; the recorder goes on for a while.
  constexpr std::size_t kSecondsAfter = 8;
  message.set_clip_s(
      static_cast<unsigned>(std::max<std::size_t>(12, track.size() + kSecondsAfter)));
  message.set_moment_ms(static_cast<std::uint32_t>(at.time_ms - track.front().time_ms));
  message.set_sound(true);
  message.set_recorder_model("SIM-DR1");
  message.set_recorder_serial(car.recorder_serial);
  message.set_peak_acceleration_ms2(why == vehicle::DriveRecorderEvent::MANUAL ? 0 : 6.5F);
  return message;
}

}  // namespace sudare::sim
