#include "sim/attack/mechanisms.h"

namespace sudare::sim::attack {

namespace {

// All start with this one purpose; what it is allowed and how long it lingers differ.
std::string purpose(const std::string& pseudonym, const std::string& ceiling,
                    const std::string& linger_ms) {
  return R"(
language: 1  serial: 1  not_after: "2099-12-31"
purpose {
  name: "probe"
  recipient: "${PROBE_RECIPIENT}"
  pseudonym { )" +
         pseudonym + R"( }
  consent: OPT_IN
  ceiling { )" +
         ceiling + R"( }
  linger_ms: )" +
         linger_ms + R"(  batch_bytes_max: 4096  keep_hours: 24  priority: 1
}
)";
}

std::string position(const std::string& location, const std::string& more) {
  return R"(
source {
  topic: "vehicle/position"  codec: PROTOBUF  message: "sudare.vehicle.v1.Position"
  time_field: "time_ms"  gnss_time: true
  release {
    to: "probe"
    field { path: "latitude_e7" }
    field { path: "longitude_e7" }
    field { path: "speed_kmh" coarsen { step: 5 } }
    field { path: "heading_deg" coarsen { step: 45 } }
    location { )" +
         location + R"( }
    )" + more +
         R"(
  }
}
)";
}

// For its ignition, at which trips end and pseudonyms change. To a purpose of its own: a time
// beside fine positions tells when a trip began.
constexpr const char* kIgnition = R"(
purpose {
  name: "lamps"
  recipient: "${LAMPS_RECIPIENT}"
  pseudonym { none {} }
  consent: OPT_IN
  linger_ms: 900000  batch_bytes_max: 4096  keep_hours: 24  priority: 1
}
source {
  topic: "vehicle/status"  codec: PROTOBUF  message: "sudare.vehicle.v1.VehicleStatus"
  time_field: "time_ms"  ignition_field: "ignition"
  release {
    to: "lamps"
    field { path: "lamps_on" }
    time { bucket_ms: 900000 }
    rate { min_interval_ms: 3600000 }
  }
}
)";

// Exact positions without identifier: what a traffic service would like best. Every 5 s: as many
// wait for clearance as a trip through a town needs, and a line through them is the road.
std::string ring() {
  return purpose("none {}", "cell: EXACT hold_back: M1000 time_bucket_ms: 60000", "60000") +
         position("cell: EXACT hold_back { ring: M1000 }",
                  "time { bucket_ms: 60000 }  rate { min_interval_ms: 5000 }") +
         kIgnition;
}

// Warnings for others: a coarse one goes out at once, the exact one when the hold-back clears it.
// Few positions beside them, but all of them tell the gateway where trips end.
std::string hazards() {
  return purpose("none {}", "cell: EXACT hold_back: M1000 time_bucket_ms: 1000 allow: BEHAVIOUR",
                 "1000") +
         position("cell: EXACT hold_back { ring: M1000 }",
                  "time { bucket_ms: 1000 }  rate { min_interval_ms: 60000 }") +
         kIgnition + R"(
source {
  topic: "vehicle/driving"  codec: PROTOBUF  message: "sudare.vehicle.v1.Driving"
  time_field: "time_ms"  urgent: true
  release {
    to: "probe"
    field { path: "event.kind" }
    field { path: "event.latitude_e7" }
    field { path: "event.longitude_e7" }
    location { cell: EXACT hold_back { ring: M1000 at_once: M1000 } }
    time { bucket_ms: 1000 }
  }
}
)";
}

// Under one pseudonym for weeks, so with times of a quarter of an hour.
std::string mesh(const std::string& cell) {
  return purpose("rotate_days: 28", "cell: " + cell + " time_bucket_ms: 900000", "900000") +
         position("cell: " + cell + " on_move: true", "time { bucket_ms: 900000 }") + kIgnition;
}

}  // namespace

std::vector<MechanismPolicy> mechanism_policies() {
  return {{"ring 1 km", ring(), false, true, false},
          {"mesh 1 km", mesh("M1000"), false, false, false},
          {"strict 2 km", mesh("M2000"), true, false, false},
          {"hazards, ring 1 km", hazards(), false, false, true}};
}

}  // namespace sudare::sim::attack
