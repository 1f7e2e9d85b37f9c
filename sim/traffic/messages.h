// The messages of proto/sudare/vehicle/v1, filled from what the simulator knows. One function per
// kind; pure except for what they draw from `random`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/car/identity.h"
#include "sim/random.h"
#include "sim/trip/trip.h"
#include "sudare/vehicle/v1/account.pb.h"
#include "sudare/vehicle/v1/drive_recorder.pb.h"
#include "sudare/vehicle/v1/driving.pb.h"
#include "sudare/vehicle/v1/emergency.pb.h"
#include "sudare/vehicle/v1/health.pb.h"
#include "sudare/vehicle/v1/identity.pb.h"
#include "sudare/vehicle/v1/infotainment.pb.h"
#include "sudare/vehicle/v1/maintenance.pb.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "sudare/vehicle/v1/remote.pb.h"
#include "sudare/vehicle/v1/security.pb.h"
#include "sudare/vehicle/v1/software.pb.h"
#include "sudare/vehicle/v1/status.pb.h"
#include "sudare/vehicle/v1/trip.pb.h"

namespace sudare::sim {

namespace vehicle = sudare::vehicle::v1;

// What changes as the car is used.
struct CarState {
  double odometer_km = 0;
  double fuel_percent = 80;
  double outside_celsius = 18;
  double battery_v = 12.6;
  double service_due_km = 4200;
  bool doors_locked = true;
};

[[nodiscard]] vehicle::VehicleIdentity identity_message(const CarIdentity& car,
                                                        std::int64_t time_ms);
[[nodiscard]] vehicle::AccountProfile account_message(const CarIdentity& car, std::int64_t time_ms);
[[nodiscard]] vehicle::Position position_message(const Fix& fix, bool parked);
[[nodiscard]] vehicle::Trip trip_start_message(const Trip& trip, const CarState& state);
[[nodiscard]] vehicle::Trip trip_end_message(const Trip& trip, const CarState& state,
                                             double fuel_used_l);
[[nodiscard]] vehicle::Driving driving_event_message(const Trip& trip, const HarshEvent& event);
[[nodiscard]] vehicle::Driving driving_summary_message(const Trip& trip);
[[nodiscard]] vehicle::VehicleStatus status_message(const Fix& fix, const CarState& state,
                                                    vehicle::VehicleStatus::Ignition ignition,
                                                    Random& random);
[[nodiscard]] vehicle::VehicleHealth health_message(std::int64_t time_ms, const CarState& state,
                                                    bool warning, Random& random);
[[nodiscard]] vehicle::Maintenance maintenance_message(std::int64_t time_ms, const CarState& state);
[[nodiscard]] vehicle::SoftwareReport software_message(std::int64_t time_ms,
                                                       const CarIdentity& car);
// `last`: fixes before, oldest first; the last few are taken.
[[nodiscard]] vehicle::Emergency emergency_message(const CarIdentity& car, const Fix& at,
                                                   const std::vector<Fix>& last,
                                                   vehicle::Emergency::Trigger trigger,
                                                   Random& random);
[[nodiscard]] vehicle::SecurityEvent security_message(const Fix& at,
                                                      vehicle::SecurityEvent::Kind kind);
[[nodiscard]] vehicle::RemoteResult remote_message(std::int64_t time_ms,
                                                   vehicle::RemoteResult::Command command,
                                                   const CarState& state, Random& random);
// Free text in which people say what they should not: their address, number, mail, frame number.
// `pick` chooses the sentence.
[[nodiscard]] vehicle::InfotainmentRequest infotainment_message(const CarIdentity& car,
                                                                const Fix& at, const Trip& trip,
                                                                std::size_t pick);
[[nodiscard]] vehicle::DriveRecorderEvent drive_recorder_message(
    const CarIdentity& car, const std::vector<Fix>& track, vehicle::DriveRecorderEvent::Trigger why,
    const std::string& clip_extension);

}  // namespace sudare::sim
