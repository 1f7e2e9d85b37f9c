#include "tests/unit/fleet/small_policy.h"

#include <stdexcept>

#include "crypto/open/identity.h"

namespace sudare::fleet_test {
namespace {

std::string purpose(const std::string& name, const std::string& rest) {
  const std::string recipient = age::open_side::Identity::generate().recipient().to_string();
  return "purpose {\n  name: \"" + name + "\" recipient: \"" + recipient +
         "\" consent: OPT_IN\n  linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24\n" + rest +
         "}\n";
}

constexpr const char* kSources = R"(
source {
  topic: "car/state" codec: JSON
  classify { path: "state" class: NOT_PERSONAL }
  classify { path: "doors.open" class: NOT_PERSONAL }
  classify { path: "note" class: NOT_PERSONAL }
  classify { path: "id" class: ACCOUNT_ID }
  classify { path: "km" class: ODOMETER unit: KILOMETERS }
  release {
    to: "anonymous"
    field { path: "state" }
    field { path: "doors.open" }
    field { path: "note" }
    time { bucket_ms: 60000 }
  }
  release {
    to: "service"
    field { path: "state" }
    field { path: "km" coarsen { step: 1000 } }
    field { path: "id" pseudonymize {} }
    time { bucket_ms: 60000 }
  }
}
source {
  topic: "vehicle/position" codec: PROTOBUF message: "sudare.vehicle.v1.Position"
  release {
    to: "anonymous"
    field { path: "latitude_e7" }
    field { path: "longitude_e7" }
    field { path: "road_class" }
    location { cell: M1000 }
    time { bucket_ms: 60000 }
    rate { min_interval_ms: 5000 }
  }
}
)";

}  // namespace

std::string small_policy_text() {
  return "language: 1\nserial: 1\nnot_after: \"2099-12-31\"\n" +
         purpose("anonymous", "  pseudonym { none {} }\n  ceiling { cell: M1000 }\n") +
         purpose("service",
                 "  pseudonym { rotate_days: 28 }\n"
                 "  ceiling { time_bucket_ms: 60000 allow: [ODOMETER, ACCOUNT_ID] }\n") +
         kSources;
}

std::unique_ptr<const Policy> small_policy() {
  const SchemaSet schemas;
  PolicyLoad loaded = load_policy("policy.textproto", small_policy_text(), schemas, nullptr);
  if (loaded.policy == nullptr) {
    std::string why;
    for (const Diagnostic& one : loaded.diagnostics) why += one.to_string();
    throw std::runtime_error(why);
  }
  return std::move(loaded.policy);
}

}  // namespace sudare::fleet_test
