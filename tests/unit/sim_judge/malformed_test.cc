#include "sim/traffic/malformed.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crypto/crypto_init.h"
#include "fleet/preview/preview.h"
#include "gateway/policy/load.h"
#include "sim/car/vehicle.h"
#include "sim/profile.h"

namespace sudare::sim {
namespace {

// Everything of every message, so that nothing of it is passed over.
constexpr const char* kPolicy = R"(
language: 1 serial: 1 not_before: "2020-01-01" not_after: "2099-12-31"
purpose {
  name: "traffic"
  recipient: "age1pypqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq79v36r"
  pseudonym { none {} } consent: OPT_OUT
  ceiling { allow: SPEED }
  linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24
}
source {
  topic: "vehicle/position" codec: PROTOBUF message: "sudare.vehicle.v1.Position"
  time_field: "time_ms"
  release { to: "traffic" field { path: "speed_kmh" coarsen { step: 5 } } time { exact: true } }
}
)";

std::string json_policy() {
  std::string text = kPolicy;
  const std::string codec = "codec: PROTOBUF message: \"sudare.vehicle.v1.Position\"";
  text.replace(text.find(codec), codec.size(),
               "codec: JSON\n  classify { path: \"speed_kmh\" class: SPEED unit: KM_PER_HOUR }\n"
               "  classify { path: \"time_ms\" class: TIMESTAMP unit: MILLISECONDS }");
  return text;
}

class Malformed : public testing::TestWithParam<PayloadCodec> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    const bool json = GetParam() == PayloadCodec::kJson;
    const SchemaSet schemas;
    PolicyLoad load = load_policy("p", json ? json_policy() : kPolicy, schemas, nullptr);
    for (const Diagnostic& one : load.diagnostics) SCOPED_TRACE(one.to_string());
    ASSERT_NE(load.policy, nullptr) << load.diagnostics.front().to_string();
    policy_ = std::move(load.policy);
  }
  static std::unique_ptr<Vehicle> vehicle() {
    return std::make_unique<Vehicle>(default_profile(), 1, VehicleTime{1'763'780'400'000, false},
                                     TrafficOptions{GetParam(), 0, {"traffic"}, "MP4"});
  }

  std::unique_ptr<const Policy> policy_;
};

TEST_P(Malformed, EveryKindIsRefusedAndTheOthersAreAsTheyWere) {
  auto damaged_car = vehicle();
  auto whole_car = vehicle();
  MalformedSource source(damaged_car->messages(), 0.4, GetParam(), 1);
  const NoFieldKeys keys;
  Preview preview(*policy_, keys);
  std::map<std::string, int> kinds;
  for (int i = 0; i < 2000; ++i) {
    const auto message = source.next();
    const auto whole = whole_car->messages().next();
    ASSERT_TRUE(message && whole);
    if (message->damage.empty()) {
      ASSERT_EQ(message->payload, whole->payload);
      ASSERT_EQ(message->topic, whole->topic);
      continue;
    }
    ASSERT_FALSE(message->retained) << "consent is left alone";
    if (whole->topic != "vehicle/position") continue;
    ++kinds[message->damage];
    for (const PreviewRow& row : preview.run(message->topic, message->payload, 1)) {
      ASSERT_EQ(row.fate, Fate::kRejected) << message->damage;
    }
  }
  EXPECT_EQ(kinds.size(), GetParam() == PayloadCodec::kJson ? 7U : 6U);
}

TEST_P(Malformed, NothingIsDamagedWhereNoShareIs) {
  auto car = vehicle();
  MalformedSource source(car->messages(), 0, GetParam(), 1);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(source.next()->damage, "");
}

INSTANTIATE_TEST_SUITE_P(Codecs, Malformed,
                         testing::Values(PayloadCodec::kProtobuf, PayloadCodec::kJson),
                         [](const auto& info) {
                           return info.param == PayloadCodec::kJson ? "Json" : "Protobuf";
                         });

}  // namespace
}  // namespace sudare::sim
