#include "sim/compare/compare.h"

#include <gmock/gmock.h>

#include "crypto/crypto_init.h"
#include "gateway/policy/load.h"
#include "sim/base64_text.h"
#include "sim/car/vehicle.h"
#include "sim/compare/expected.h"
#include "sim/profile.h"

namespace sudare::sim {
namespace {

constexpr const char* kPolicy = R"(
language: 1 serial: 1 not_before: "2020-01-01" not_after: "2099-12-31"
purpose {
  name: "traffic"
  recipient: "age1pypqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq79v36r"
  pseudonym { none {} } consent: OPT_IN
  ceiling { cell: M1000 time_bucket_ms: 60000 }
  linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24 priority: 2
}
source {
  topic: "vehicle/position" codec: PROTOBUF message: "sudare.vehicle.v1.Position"
  time_field: "time_ms"
  release {
    to: "traffic"
    field { path: "latitude_e7" } field { path: "longitude_e7" }
    location { cell: M1000 on_move: true } time { bucket_ms: 60000 }
  }
}
)";

// A day of a car, and what its recipients would open if all went well.
class SimCompare : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    SchemaSet schemas;
    PolicyLoad load = load_policy("p", kPolicy, schemas, nullptr);
    for (const Diagnostic& diagnostic : load.diagnostics) {
      SCOPED_TRACE(diagnostic.to_string());
      ASSERT_NE(diagnostic.severity(), DiagnosticSeverity::kError) << diagnostic.to_string();
    }
    policy_ = std::move(load.policy);
    Vehicle vehicle(default_profile(), 1, {1'763'780'400'000, false},
                    {PayloadCodec::kProtobuf, 0, {"traffic"}});
    truth_.planted = planted_identifiers(vehicle.identity());
    for (std::uint64_t n = 1; n < 2500; ++n) {
      const auto sent = vehicle.messages().next();
      truth_.messages.push_back({n, sent->topic, sent->payload, sent->time_ms, sent->time_ms,
                                 sent->retained, true, sent->positions, "", 0});
    }
    for (const ExpectedRecord& record : expected_records(truth_, *policy_, "vehicle/consent")) {
      opened_.push_back(
          {record.purpose, record.topic, record.time_ms, record.payload, false, "none", "f", 1});
    }
  }

  PurposeComparison traffic() const {
    return compare(truth_, opened_, *policy_, "vehicle/consent").purposes.at("traffic");
  }

  std::unique_ptr<const Policy> policy_;
  Truth truth_;
  std::vector<OpenedRecord> opened_;
};

TEST_F(SimCompare, WhatThePolicySaysIsClean) {
  ASSERT_GT(opened_.size(), 5U);
  EXPECT_LT(opened_.size(), 200U);  // on move: once per cell
  EXPECT_TRUE(compare(truth_, opened_, *policy_, "vehicle/consent").clean());
}

TEST_F(SimCompare, ARecordThatIsMissingIsLost) {
  opened_.pop_back();
  EXPECT_EQ(traffic().lost, 1U);
}

TEST_F(SimCompare, ARecordThatCameTwiceIsADuplicate) {
  opened_.push_back(opened_.back());
  EXPECT_EQ(traffic().duplicated, 1U);
  EXPECT_EQ(traffic().altered, 0U);
}

TEST_F(SimCompare, ARecordThatWasNeverExpectedIsAltered) {
  opened_.back().payload += "x";
  EXPECT_EQ(traffic().altered, 1U);
  EXPECT_EQ(traffic().lost, 1U);
}

TEST_F(SimCompare, AnExactPositionIsALeak) {
  for (const TruthMessage& message : truth_.messages) {
    if (message.topic == "vehicle/position") opened_.back().payload = message.payload;
  }
  EXPECT_EQ(traffic().positions, 1U);
}

TEST_F(SimCompare, AnIdentifierInTextOrTopicIsALeak) {
  opened_.front().payload += truth_.planted.front().value;
  opened_.back().topic += "/" + truth_.planted.back().value;
  EXPECT_EQ(traffic().identifiers, 2U);
}

TEST_F(SimCompare, EachCarOfAFleetHasRulesOfItsOwn) {
  const std::size_t messages = truth_.messages.size();
  for (std::size_t i = 0; i < messages; ++i) {
    truth_.messages.push_back(truth_.messages[i]);
    truth_.messages.back().car = 1;
  }
  EXPECT_EQ(expected_records(truth_, *policy_, "vehicle/consent").size(), 2 * opened_.size());
}

TEST_F(SimCompare, WithoutConsentNothingIsExpected) {
  truth_.messages.erase(truth_.messages.begin());  // the grant
  EXPECT_TRUE(expected_records(truth_, *policy_, "vehicle/consent").empty());
}

TEST_F(SimCompare, WhatTheBrokerNeverTookIsNotExpected) {
  for (TruthMessage& message : truth_.messages) message.acknowledged = false;
  EXPECT_TRUE(expected_records(truth_, *policy_, "vehicle/consent").empty());
}

TEST(SimOpened, ALineThatIsNoneNamesFileAndLine) {
  for (const char* line :
       {"x", "{}", "{\"purpose\":1}",
        "{\"purpose\":\"p\",\"topic\":\"t\",\"time_ms\":1,\"payload_base64\":\"*\"}"}) {
    std::vector<OpenedRecord> records;
    const auto parsed = parse_opened("f", std::string("\n\n") + line, records);
    ASSERT_FALSE(parsed) << line;
    EXPECT_THAT(parsed.error().to_string(), testing::StartsWith("error: f:3:"));
  }
}

TEST(SimOpened, FieldPseudonymsAreMaskedAndNothingElse) {
  EXPECT_EQ(without_pseudonyms("a\"0123456789abcdef\"b"), "a\"****************\"b");
  EXPECT_EQ(without_pseudonyms("0123456789abcdef0"), "0123456789abcdef0");
}

TEST(SimBase64, RoundTripsWithPadding) {
  for (const char* text : {"", "a", "ab", "abc", "abcd"}) {
    EXPECT_EQ(to_base64(text).size() % 4, 0U);
    EXPECT_EQ(from_base64(to_base64(text)).value(), text);
  }
  EXPECT_FALSE(from_base64("a*c"));
}

}  // namespace
}  // namespace sudare::sim
