#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/limits.h"
#include "sample.pb.h"
#include "sudare/vehicle/v1/driving.pb.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "sudare/vehicle/v1/status.pb.h"
#include "tests/testkit/source_plan.h"
#include "tests/unit/decode/record_text.h"

namespace sudare {
namespace {

using test::Sample;
using testkit::node_of;
using testkit::protobuf_source;
namespace vehicle = ::sudare::vehicle::v1;

SourcePlan sample(const std::vector<std::string>& paths) {
  return protobuf_source("t", *Sample::descriptor(), paths);
}

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
  out.push_back(static_cast<char>(value));
  return out;
}

std::string tag(std::uint32_t number, std::uint32_t type) { return varint(number << 3U | type); }

std::string bytes_field(std::uint32_t number, const std::string& bytes) {
  return tag(number, 2) + varint(bytes.size()) + bytes;
}

Sample full_sample() {
  Sample out;
  out.set_int32_field(-1);
  out.set_int64_field(std::numeric_limits<std::int64_t>::min());
  out.set_uint32_field(4294967295U);
  out.set_uint64_field(std::numeric_limits<std::uint64_t>::max());
  out.set_sint32_field(std::numeric_limits<std::int32_t>::min());
  out.set_sint64_field(-2);
  out.set_fixed32_field(7);
  out.set_fixed64_field(8);
  out.set_sfixed32_field(-9);
  out.set_sfixed64_field(-10);
  out.set_float_field(0.5F);
  out.set_double_field(-0.25);
  out.set_bool_field(true);
  out.set_string_field("簾");
  out.set_bytes_field("\xFF");
  out.set_colour(Sample::BLUE);
  out.set_far(1);
  return out;
}

const std::vector<std::string> kScalars{"int32_field",
                                        "int64_field",
                                        "uint32_field",
                                        "uint64_field",
                                        "sint32_field",
                                        "sint64_field",
                                        "fixed32_field",
                                        "fixed64_field",
                                        "sfixed32_field",
                                        "sfixed64_field",
                                        "float_field",
                                        "double_field",
                                        "bool_field",
                                        "string_field",
                                        "bytes_field",
                                        "colour",
                                        "far"};

TEST(ProtobufDecoder, TruncationIsMalformedOrAPrefix) {
  Sample message = full_sample();
  *message.add_children() = full_sample();
  std::vector<std::string> paths = kScalars;
  for (const std::string& path : kScalars) paths.push_back("children." + path);
  OneSource source(sample(paths));
  const std::string payload = message.SerializeAsString();
  const std::string whole = source.decode(payload);
  int malformed = 0;
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const std::string text = source.decode(payload.substr(0, size));
    if (text == "error: malformed") ++malformed;
    else EXPECT_EQ(whole.substr(0, text.size()), text) << size;
  }
  EXPECT_GT(malformed, 60);
}

TEST(ProtobufDecoder, BadWireFormatIsMalformed) {
  OneSource source(sample({"uint32_field", "string_field", "child.bool_field"}));
  const std::string eleven(10, '\xFF');
  for (const std::string& payload : {
           std::string("\x00\x00", 2),                       // field number 0
           tag(3, 0) + eleven + "\x01",                      // varint of eleven bytes
           tag(3, 0) + std::string(9, '\xFF') + "\x02",      // more than 64 bits
           varint(0x100000000ULL << 3U) + "\x01",            // tag beyond 32 bits
           tag(3, 6), tag(3, 7), tag(99, 6),                 // no such wire types
           tag(3, 5) + "1234", tag(3, 1) + "12345678",       // wire type of another type
           bytes_field(3, "\x01"), tag(14, 0) + "\x01",      //
           tag(21, 0) + "\x01", tag(99, 4),                  // a group ends that did not begin
           tag(14, 2) + varint(5) + "abc",                   // longer than what is there
           tag(14, 2) + varint(~0ULL) + "abc",               //
           tag(99, 3) + tag(98, 4), tag(99, 3) + tag(1, 0),  // groups
           tag(3, 3) + tag(3, 4),                            // a named field as a group
       }) {
    EXPECT_EQ(source.decode(payload), "error: malformed") << testing::PrintToString(payload);
  }
}

TEST(ProtobufDecoder, InvalidUtf8IsMalformedOnlyInNamedStrings) {
  const std::string bad = bytes_field(14, "\xC3\x28");
  EXPECT_EQ(OneSource(sample({"string_field"})).decode(bad), "error: malformed");
  EXPECT_EQ(OneSource(sample({"bytes_field"})).decode(bad), "");
  EXPECT_EQ(OneSource(sample({"bytes_field"})).decode(bytes_field(15, "\xC3\x28")),
            "bytes_field=b\"\xC3\x28\"");
}

TEST(ProtobufDecoder, NumbersThatAreNotFiniteAreMalformedOnlyWhereNamed) {
  Sample message;
  message.set_double_field(std::nan(""));
  message.set_float_field(std::numeric_limits<float>::infinity());
  const std::string payload = message.SerializeAsString();
  EXPECT_EQ(OneSource(sample({"double_field"})).decode(payload), "error: malformed");
  EXPECT_EQ(OneSource(sample({"float_field"})).decode(payload), "error: malformed");
  EXPECT_EQ(OneSource(sample({"bool_field"})).decode(payload), "");
}

TEST(ProtobufDecoder, TooMuchIsTooLarge) {
  OneSource source(sample({"packed", "plain"}));
  EXPECT_EQ(source.decode(std::string(10'000'000, '\0')), "error: too_large");
  EXPECT_EQ(source.decode(bytes_field(17, std::string(kRecordItemsMax + 1, '\1'))),
            "error: too_large");
  EXPECT_NE(source.decode(bytes_field(17, std::string(kRecordItemsMax, '\1'))), "error: too_large");
}

TEST(ProtobufDecoder, DepthIsBoundedAndUnnamedDepthIsSkipped) {
  std::string nested;
  for (int i = 0; i < 1000; ++i) nested = bytes_field(20, nested);
  EXPECT_EQ(OneSource(sample({"int32_field"})).decode(nested), "");
  EXPECT_EQ(OneSource(sample({"children.int32_field"})).decode(nested), "children{ end");
  std::string groups;
  for (int i = 0; i < 1000; ++i) groups += tag(99, 3);
  EXPECT_EQ(OneSource(sample({"int32_field"})).decode(groups), "error: too_deep");
  std::string path = "child";
  for (int i = 0; i < 40; ++i) path += ".child";
  std::string deep;
  for (int i = 0; i < 40; ++i) deep = bytes_field(21, deep);
  EXPECT_EQ(OneSource(sample({path + ".far"})).decode(deep), "error: too_deep");
}

TEST(ProtobufDecoder, FiveHundredUnknownFieldsLeaveNothing) {
  std::string unknown;
  for (std::uint32_t i = 0; i < 500; ++i) {
    unknown += tag(2000 + i, 0) + varint(i) + bytes_field(3000 + i, "&");
    unknown += tag(4000, 3) + bytes_field(7, "x") + tag(5, 3) + tag(5, 4) + tag(4000, 4);
  }
  Sample child;
  child.set_int32_field(1);
  const std::string payload = unknown + bytes_field(20, unknown + child.SerializeAsString()) +
                              bytes_field(20, unknown) + unknown;
  OneSource source(sample({"children.int32_field"}));
  EXPECT_EQ(source.decode(payload), "children{ int32_field=1 end children{ end");
}

TEST(ProtobufDecoder, ReadsEveryScalarType) {
  OneSource source(sample(kScalars));
  EXPECT_EQ(source.decode(full_sample().SerializeAsString()),
            "int32_field=-1 int64_field=-9223372036854775808 uint32_field=4294967295u "
            "uint64_field=18446744073709551615u sint32_field=-2147483648 sint64_field=-2 "
            "fixed32_field=7u fixed64_field=8u sfixed32_field=-9 sfixed64_field=-10 "
            "float_field=0.5d double_field=-0.25d bool_field=true string_field=\"簾\" "
            "bytes_field=b\"\xFF\" colour=2 far=1u");
}

TEST(ProtobufDecoder, ReadsPackedAndPlainLists) {
  OneSource source(sample({"packed", "plain", "colours"}));
  Sample message;
  for (const int value : {1, -2}) {
    message.add_packed(value);
    message.add_plain(value);
  }
  EXPECT_EQ(source.decode(message.SerializeAsString()), "packed=1 packed=-2 plain=1 plain=-2");
  const std::string swapped = bytes_field(18, "\x02\x03") + tag(17, 0) + "\x02";
  EXPECT_EQ(source.decode(swapped), "plain=1 plain=-2 packed=1");
}

TEST(ProtobufDecoder, UnknownEnumValuesAreLeftOutAndCounted) {
  OneSource source(sample({"colour", "colours"}));
  EXPECT_EQ(source.decode(tag(16, 0) + varint(9) + bytes_field(19, "\x01\x07\x02")),
            "colours=1 colours=2");
  EXPECT_EQ(source.record().unknown_enums, 2U);
  EXPECT_EQ(source.decode(tag(16, 0) + varint(1) + tag(16, 0) + varint(9)), "");
}

TEST(ProtobufDecoder, MapsAreEntriesOfKeyAndValue) {
  OneSource source(sample({"texts.*", "samples.*.int32_field"}));
  Sample message;
  (*message.mutable_texts())["a"] = "b";
  (*message.mutable_samples())["c"].set_int32_field(3);
  (*message.mutable_samples())["c"].set_int64_field(4);
  EXPECT_EQ(source.decode(message.SerializeAsString()),
            "texts{ key=\"a\" value=\"b\" end samples{ key=\"c\" value{ int32_field=3 end end");
}

TEST(ProtobufDecoder, TheLastValueOfASingularFieldCounts) {
  OneSource source(sample({"uint32_field", "bool_field", "string_field"}));
  EXPECT_EQ(source.decode(tag(3, 0) + "\x01" + tag(13, 0) + "\x01" + tag(3, 0) + "\x02"),
            "bool_field=true uint32_field=2u");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += tag(3, 0) + "\x01";
  EXPECT_EQ(source.decode(many), "error: malformed");
}

TEST(ProtobufDecoder, SingularMessagesThatOccurAgainAreMerged) {
  const std::vector<std::string> paths{"child.int32_field", "child.bool_field", "child.child.far",
                                       "far"};
  OneSource source(sample(paths));
  Sample first;
  first.mutable_child()->set_int32_field(1);
  first.mutable_child()->mutable_child()->set_far(5);
  first.set_far(9);
  Sample second;
  second.mutable_child()->set_int32_field(2);
  second.mutable_child()->set_bool_field(true);
  second.mutable_child()->mutable_child()->set_far(6);
  const std::string payload = first.SerializeAsString() + second.SerializeAsString();
  EXPECT_EQ(source.decode(payload),
            "far=9u child{ int32_field=2 bool_field=true child{ far=6u end end");
  // What a full parser makes of it.
  Sample parsed;
  ASSERT_TRUE(parsed.ParseFromString(payload));
  EXPECT_EQ(parsed.child().int32_field(), 2);
  EXPECT_EQ(parsed.child().child().far(), 6U);
}

TEST(ProtobufDecoder, RepeatedMessagesAreNotMerged) {
  OneSource source(sample({"children.int32_field"}));
  Sample message;
  message.add_children()->set_int32_field(1);
  message.add_children()->set_int32_field(2);
  EXPECT_EQ(source.decode(message.SerializeAsString()),
            "children{ int32_field=1 end children{ int32_field=2 end");
}

TEST(ProtobufDecoder, OfAOneofTheLastMemberStandsLast) {
  OneSource source(sample({"first", "second"}));
  const std::string a = bytes_field(24, "x");
  const std::string b = tag(25, 0) + "\x07";
  EXPECT_EQ(source.decode(a + b), "first=\"x\" second=7u");
  EXPECT_EQ(source.decode(a + b + a), "second=7u first=\"x\"");
}

TEST(ProtobufDecoder, TakesEventTimeAndIgnition) {
  SourcePlan plan = protobuf_source("s", *vehicle::VehicleStatus::descriptor(),
                                    {"time_ms", "ignition", "speed_kmh"});
  plan.time_node = node_of(plan, "time_ms");
  plan.ignition_node = node_of(plan, "ignition");
  OneSource source(std::move(plan));
  vehicle::VehicleStatus status;
  status.set_time_ms(1'800'000'000'123);
  status.set_ignition(vehicle::VehicleStatus::ON);
  source.decode(status.SerializeAsString());
  EXPECT_TRUE(source.record().event_time);
  EXPECT_EQ(source.record().time_ms, 1'800'000'000'123);
  EXPECT_TRUE(source.record().ignition_known && source.record().ignition_on);
  source.decode("");
  EXPECT_FALSE(source.record().event_time);
  EXPECT_EQ(source.record().time_ms, 1'700'000'000'000);
  EXPECT_TRUE(source.record().ignition_known) << "absent means 0 in proto3";
  EXPECT_FALSE(source.record().ignition_on);
  source.decode(tag(2, 0) + varint(77));
  EXPECT_TRUE(source.record().ignition_on) << "a value that we don't know is not 0";
}

TEST(ProtobufDecoder, AnAbsentFieldWithPresenceTellsNothingOfIgnition) {
  SourcePlan plan = sample({"maybe"});
  plan.ignition_node = node_of(plan, "maybe");
  OneSource source(std::move(plan));
  source.decode("");
  EXPECT_FALSE(source.record().ignition_known);
}

TEST(ProtobufDecoder, ReadsAPosition) {
  OneSource source(protobuf_source("p", *vehicle::Position::descriptor(),
                                   {"latitude_e7", "longitude_e7", "speed_kmh", "road_class"}));
  vehicle::Position position;
  position.set_latitude_e7(356'812'345);
  position.set_longitude_e7(-1'397'671'234);
  position.set_altitude_m(40);
  position.set_speed_kmh(42.5F);
  position.set_road_class(vehicle::TRUNK);
  position.set_road_link(77);
  EXPECT_EQ(source.decode(position.SerializeAsString()),
            "latitude_e7=356812345 longitude_e7=-1397671234 speed_kmh=42.5d road_class=2");
}

}  // namespace
}  // namespace sudare
