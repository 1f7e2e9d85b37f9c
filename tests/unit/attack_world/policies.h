// Policies for tests of fleets: what the simulator's topics release, to purposes of several kinds.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "crypto/open/identity.h"
#include "gateway/policy/load.h"

namespace sudare::sim::attack {

enum : PurposeIndex { kTraffic, kWeekly, kInsurer, kOwner };

inline std::string purpose_text(const std::string& name, const std::string& rest) {
  return "purpose { name: \"" + name + "\" recipient: \"" +
         age::open_side::Identity::generate().recipient().to_string() +
         "\" consent: OPT_IN batch_bytes_max: 4096 keep_hours: 24 " + rest + " }\n";
}

inline std::string policy_text() {
  return "language: 1 serial: 1 not_after: \"2099-12-31\"\n" +
         purpose_text("traffic",
                      "linger_ms: 60000 pseudonym { none {} } "
                      "ceiling { cell: M1000 time_bucket_ms: 60000 }") +
         purpose_text("weekly",
                      "linger_ms: 900000 pseudonym { rotate_days: 7 } "
                      "ceiling { cell: M1000 time_bucket_ms: 900000 }") +
         purpose_text("insurer",
                      "linger_ms: 900000 pseudonym { rotate_days: 28 } "
                      "ceiling { time_bucket_ms: 900000 allow: [ODOMETER, BEHAVIOUR] }") +
         purpose_text("owner",
                      "linger_ms: 1000 pseudonym { until_transfer {} } audience: OWNER "
                      "ceiling { cell: EXACT allow: BEHAVIOUR }") +
         R"(
source {
  topic: "vehicle/position" codec: PROTOBUF message: "sudare.vehicle.v1.Position"
  time_field: "time_ms"
  release {
    to: "traffic"
    field { path: "latitude_e7" } field { path: "longitude_e7" }
    field { path: "speed_kmh" coarsen { step: 5 } }
    location { cell: M1000 } time { bucket_ms: 60000 } rate { min_interval_ms: 5000 }
  }
  release {
    to: "weekly"
    field { path: "latitude_e7" } field { path: "longitude_e7" }
    location { cell: M1000 on_move: true } time { bucket_ms: 900000 }
  }
  release {
    to: "owner"
    field { path: "latitude_e7" } field { path: "longitude_e7" }
    location { cell: EXACT } time { exact: true } rate { min_interval_ms: 60000 }
  }
}
source {
  topic: "vehicle/status" codec: PROTOBUF message: "sudare.vehicle.v1.VehicleStatus"
  time_field: "time_ms" ignition_field: "ignition"
  release {
    to: "insurer"
    field { path: "odometer_km" coarsen { step: 1000 } }
    time { bucket_ms: 900000 } rate { min_interval_ms: 3600000 }
  }
}
source {
  topic: "vehicle/driving" codec: PROTOBUF message: "sudare.vehicle.v1.Driving"
  time_field: "time_ms"
  release {
    to: "owner"
    field { path: "event.kind" }
    field { path: "event.latitude_e7" } field { path: "event.longitude_e7" }
    location { cell: EXACT } time { exact: true }
  }
}
)";
}

inline std::unique_ptr<const Policy> policy() {
  const SchemaSet schemas;
  PolicyLoad loaded = load_policy("test.textproto", policy_text(), schemas, nullptr);
  for (const Diagnostic& one : loaded.diagnostics) {
    if (loaded.policy == nullptr) ADD_FAILURE() << one.to_string();
  }
  return std::move(loaded.policy);
}

}  // namespace sudare::sim::attack
