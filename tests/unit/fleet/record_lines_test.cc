// The lines of `sudare open`.
#include "fleet/open/record_lines.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace sudare {
namespace {

using Json = nlohmann::json;

VerifiedBatch one_record(const std::string& payload, v1::Record::Codec codec) {
  VerifiedBatch verified;
  verified.verified = Verified::kSelf;
  verified.batch.set_purpose("traffic");
  verified.batch.set_pseudonym(std::string(16, '\x1f'));
  verified.batch.set_batch_id(std::string(16, '\x2e'));
  verified.batch.set_first_record(41);
  v1::Record& record = *verified.batch.add_records();
  record.set_topic("car/\"state\"");
  record.set_time_ms(1'700'000'000'123);
  record.set_codec(codec);
  record.set_payload(payload);
  return verified;
}

std::string line_of(const VerifiedBatch& batch) {
  std::string out;
  append_record_lines(batch, out);
  return out;
}

TEST(RecordLines, HaveTheMembersOfTheDesign) {
  const std::string line = line_of(one_record("{\"a\": [1, 2]}", v1::Record::JSON));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const Json json = Json::parse(line);
  EXPECT_EQ(json["purpose"], "traffic");
  EXPECT_EQ(json["pseudonym"], "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f");
  EXPECT_EQ(json["topic"], "car/\"state\"");
  EXPECT_EQ(json["time_ms"], 1'700'000'000'123);
  EXPECT_EQ(json["payload"], Json::parse("{\"a\":[1,2]}"));
  EXPECT_EQ(json["batch_id"], "2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e");
  EXPECT_EQ(json["record"], 41);
  EXPECT_EQ(json["verified"], "self");
  EXPECT_EQ(json.size(), 8U);
}

TEST(RecordLines, NumbersKeepTheirDigits) {
  const std::string line =
      line_of(one_record("{ \"x\" : 1.10000000000000000001,\n\"y\":1E2 }", v1::Record::JSON));
  EXPECT_THAT(line, testing::HasSubstr("{\"x\":1.10000000000000000001,\"y\":1E2}"));
}

TEST(RecordLines, ProtobufIsBase64) {
  const Json json = Json::parse(line_of(one_record("\x01\x02\x03", v1::Record::PROTOBUF)));
  EXPECT_EQ(json["payload_base64"], "AQID");
  EXPECT_FALSE(json.contains("payload"));
}

TEST(RecordLines, WhatOnlySaysItIsJsonBreaksNoLine) {
  const std::string line = line_of(one_record("{\"a\":1}\n{\"b\":2}", v1::Record::JSON));
  const Json json = Json::parse(line);
  EXPECT_EQ(json["payload_base64"], "eyJhIjoxfQp7ImIiOjJ9");
}

TEST(RecordLines, DeepJsonIsDeliveredAsBytes) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_TRUE(Json::parse(line_of(one_record(deep, v1::Record::JSON))).contains("payload_base64"));
}

TEST(RecordLines, WithoutPseudonymItIsNull) {
  VerifiedBatch batch = one_record("1", v1::Record::JSON);
  batch.verified = Verified::kNone;
  batch.batch.clear_pseudonym();
  const Json json = Json::parse(line_of(batch));
  EXPECT_TRUE(json["pseudonym"].is_null());
  EXPECT_EQ(json["verified"], "none");
}

TEST(RecordLinesTest, WhatIsLeftOutKeepsItsNumber) {
  VerifiedBatch batch;
  batch.batch.set_first_record(7);
  for (int i = 0; i < 3; ++i) batch.batch.add_records()->set_time_ms(i);
  std::string out;
  const auto keep = [](const v1::Record& record) { return record.time_ms() != 1; };
  EXPECT_EQ(append_record_lines(batch, keep, out), 1U);
  EXPECT_NE(out.find("\"record\":7"), std::string::npos);
  EXPECT_EQ(out.find("\"record\":8"), std::string::npos);
  EXPECT_NE(out.find("\"record\":9"), std::string::npos);
}

}  // namespace
}  // namespace sudare
