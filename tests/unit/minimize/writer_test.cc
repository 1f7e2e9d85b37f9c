// What comes out is of the schema that went in.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "gateway/minimize/json_writer.h"
#include "shapes.pb.h"
#include "tests/unit/minimize/car.h"

namespace sudare {
namespace {

using google::protobuf::util::MessageDifferencer;
using test::Inner;
using test::Shapes;
using testkit::Car;
using testkit::keep;
using testkit::SourceBuilder;

// Every field of Shapes, at any depth up to that of `full_shapes`.
SourceBuilder everything() {
  SourceBuilder source("shapes", *Shapes::descriptor());
  for (int i = 0; i < Shapes::descriptor()->field_count(); ++i) {
    const auto* const field = Shapes::descriptor()->field(i);
    if (field->is_map()) {
      source.field(field->name() + (field->name() == "counts" ? ".*" : ".*.name"), keep());
    } else if (field->message_type() == nullptr) {
      source.field(field->name(), keep());
    } else {
      for (const char* const inner :
           {".latitude", ".longitude", ".name", ".deeper.name", ".children.children.name"}) {
        source.field(field->name() + inner, keep());
      }
    }
  }
  return source;
}

Shapes full_shapes() {
  Shapes shapes;
  shapes.set_int32_value(std::numeric_limits<std::int32_t>::min());
  shapes.set_int64_value(std::numeric_limits<std::int64_t>::min());
  shapes.set_uint32_value(std::numeric_limits<std::uint32_t>::max());
  shapes.set_uint64_value(std::numeric_limits<std::uint64_t>::max());
  shapes.set_sint32_value(std::numeric_limits<std::int32_t>::min());
  shapes.set_sint64_value(std::numeric_limits<std::int64_t>::min());
  shapes.set_fixed32_value(std::numeric_limits<std::uint32_t>::max());
  shapes.set_fixed64_value(std::numeric_limits<std::uint64_t>::max());
  shapes.set_sfixed32_value(-1);
  shapes.set_sfixed64_value(std::numeric_limits<std::int64_t>::min());
  shapes.set_float_value(-1.1e-38F);
  shapes.set_double_value(std::numeric_limits<double>::denorm_min());
  shapes.set_bool_value(true);
  shapes.set_color(test::BLUE);
  shapes.set_text("簾");
  shapes.set_raw(std::string("\0\xff", 2));
  shapes.set_present(0);
  shapes.set_right(0);
  for (const int value : {0, -1, 300, -70'000}) shapes.add_packed(value);
  for (const double value : {0.0, -0.5}) shapes.add_packed_doubles(value);
  for (const int value : {0, -1, 5}) shapes.add_unpacked(value);
  for (const char* const value : {"", "b", "a"}) shapes.add_texts(value);
  for (const auto value : {test::NONE, test::RED}) shapes.add_colors(value);
  (*shapes.mutable_counts())["one"] = 1;
  (*shapes.mutable_counts())[""] = 0;
  (*shapes.mutable_inners())[7].set_name("seven");
  shapes.mutable_inner()->mutable_deeper()->set_name(std::string(300, 'd'));
  shapes.add_list()->set_latitude(1.5);
  auto* const child = shapes.add_list()->add_children();
  child->add_children()->set_name("x");
  child->add_children()->set_name("y");
  shapes.mutable_other()->set_name("high number");
  return shapes;
}

TEST(ProtobufWriter, EveryFormRoundTrips) {
  Car car({everything().build()});
  const Shapes in = full_shapes();
  const auto payload = car.payload("shapes", in.SerializeAsString());
  ASSERT_TRUE(payload);
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(*payload));
  MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(in, out)) << differences;
  EXPECT_EQ(payload->size(), in.ByteSizeLong()) << "packed lists are packed";
}

TEST(ProtobufWriter, ListsKeepTheirOrderWhateverTheirForm) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("packed", keep()).field("unpacked", keep());
  Car car({source.build()});
  // field 20 unpacked: 1, 2; field 22 packed: 3, 4 (as plain int32)
  const std::string in("\xa0\x01\x02\xa0\x01\x04\xb2\x01\x02\x03\x04", 11);
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(*car.payload("shapes", in)));
  EXPECT_EQ(out.packed(0), 1);
  EXPECT_EQ(out.packed(1), 2);
  EXPECT_EQ(out.unpacked(0), 3);
  EXPECT_EQ(out.unpacked(1), 4);
}

TEST(ProtobufWriter, MessagesWithNothingLeftAreLeftOut) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("list.name", keep()).field("inner.deeper.name", keep());
  source.field("inners.*.name", keep());
  Car car({source.build()});
  Shapes in;
  in.add_list()->set_latitude(1);
  in.add_list()->set_name("b");
  in.mutable_inner()->mutable_deeper()->set_latitude(2);
  (*in.mutable_inners())[1].set_latitude(3);
  Shapes expected;
  expected.add_list()->set_name("b");
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(*car.payload("shapes", in.SerializeAsString())));
  EXPECT_TRUE(MessageDifferencer::Equals(out, expected)) << out.DebugString();
}

TEST(ProtobufWriter, AMapKeyThatIsAnIdentifierDropsItsEntry) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("counts.*", keep());
  Car car({source.build()});
  Shapes in;
  (*in.mutable_counts())["JTDKN3DU5A0123456"] = 1;
  (*in.mutable_counts())["fine"] = 2;
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(*car.payload("shapes", in.SerializeAsString())));
  EXPECT_EQ(out.counts().size(), 1U);
  EXPECT_EQ(out.counts().at("fine"), 2);
  // The key after the value, as a hostile sender may write it.
  const std::string vin = "JTDKN3DU5A0123456";
  const std::string entry = std::string("\x10\x01\x0a\x11", 4) + vin;
  EXPECT_FALSE(car.payload("shapes", std::string("\xca\x01\x15", 3) + entry));
}

TEST(ProtobufWriter, UnknownFieldsDoNotLeaveAtAnyDepth) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("inner.name", keep()).field("list.name", keep());
  Car car({source.build()});
  Shapes in;
  const auto add_unknown = [](google::protobuf::Message& message) {
    auto* const unknown = message.GetReflection()->MutableUnknownFields(&message);
    for (int number = 2000; number < 2125; ++number) {
      unknown->AddVarint(number, 7);
      unknown->AddLengthDelimited(number, "JTDKN3DU5A0123456");
      unknown->AddGroup(number)->AddFixed64(1, 8);
    }
  };
  in.mutable_inner()->set_name("kept");
  in.add_list()->set_name("kept too");
  Shapes expected = in;
  add_unknown(in);
  add_unknown(*in.mutable_inner());
  add_unknown(*in.mutable_list(0));
  add_unknown(*in.mutable_inner()->mutable_deeper());
  EXPECT_EQ(car.payload("shapes", in.SerializeAsString()), expected.SerializeAsString());
}

TEST(JsonWriter, UnknownFieldsDoNotLeaveAtAnyDepth) {
  SourceBuilder source("json");
  source.field("a.name", keep()).field("list.name", keep());
  Car car({source.build()});
  const auto unknown = [](int count) {
    std::string members;
    for (int i = 0; i < count; ++i) {
      members += ",\"u" + std::to_string(i) + R"(":{"vin":["JTDKN3DU5A0123456",{"name":1}]})";
    }
    return members;
  };
  EXPECT_EQ(car.payload("json", R"({"a":{"name":1)" + unknown(250) + R"(},"list":[{"name":2)" +
                                    unknown(250) + "}]" + unknown(500) + "}"),
            R"({"a":{"name":1},"list":[{"name":2}]})");
}

// What a JSON source that names `paths` makes of a payload.
std::string json(const std::vector<std::string>& paths, const std::string& payload) {
  SourceBuilder source("json");
  for (const std::string& path : paths) source.field(path, keep());
  Car car({source.build()});
  return car.payload("json", payload).value_or("nothing");
}

TEST(JsonWriter, NumbersRoundTrip) {
  const std::string payload =
      R"({"n":[0,-1,9223372036854775807,-9223372036854775808,18446744073709551615,0.1,-0.0,)"
      R"(1e+300,5e-324,123456.789,true,false,null]})";
  const auto in = nlohmann::json::parse(payload);
  const auto out = nlohmann::json::parse(json({"n"}, payload));
  EXPECT_EQ(in, out);
  EXPECT_TRUE(std::signbit(out["n"][6].get<double>()));
}

TEST(JsonWriter, TextIsEscaped) {
  const std::string payload = R"({"a\"\\\n":"\u0000\u001f\"\\/\b\f\n\r\t簾\ud83d\ude97\u007f"})";
  const std::string out = json({"*"}, payload);
  EXPECT_EQ(nlohmann::json::parse(out), nlohmann::json::parse(payload)) << out;
}

TEST(JsonWriter, TheShapeIsKept) {
  EXPECT_EQ(json({"a.b", "c"}, R"({"a":[{"b":1,"x":2},{"x":3},{"b":[4,[5,[]]]}],"c":[],"d":6})"),
            R"({"a":[{"b":1},{"b":[4,[5,[]]]}],"c":[]})");
  EXPECT_EQ(json({"a"}, R"([{"a":1,"b":2},[{"a":3}],{"b":4}])"), R"([{"a":1},[{"a":3}]])");
  EXPECT_EQ(json({"a", "b"}, R"({"b":1,"a":2})"), R"({"b":1,"a":2})");
}

TEST(JsonWriter, ElementsNamedByIndexKeepTheirPlace) {
  EXPECT_EQ(json({"l.1", "l.3"}, R"({"l":["a","b","c","d","e"]})"), R"({"l":[null,"b",null,"d"]})");
  EXPECT_EQ(json({"l.1.x", "l.0.y"}, R"({"l":[{"x":1},{"x":2,"y":3}]})"),
            R"({"l":[null,{"x":2}]})");
  EXPECT_EQ(json({"l.0"}, R"({"l":{"0":1,"1":2}})"), R"({"l":{"0":1}})");
}

// What no decoder lets through, and a total could come to: JSON has no word for it.
TEST(JsonWriter, WhatIsNoNumberIsNull) {
  const SourcePlan source = SourceBuilder("json").field("a", keep()).build();
  RecordBody kept;
  std::string out;
  write_json(source, kept, out);
  EXPECT_EQ(out, "{}");
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Item item;
    item.node = 1;
    item.type = ValueType::kDouble;
    item.real = value;
    kept.items = {item};
    out.clear();
    write_json(source, kept, out);
    EXPECT_EQ(out, R"({"a":null})");
  }
}

// A place that no list reaches would be filled up with nulls.
TEST(JsonWriter, AnIndexBeyondWhatARecordHoldsFillsNothing) {
  const SourcePlan source = SourceBuilder("json").field("l.99999999", keep()).build();
  RecordBody kept;
  for (const ItemKind kind : {ItemKind::kOpenList, ItemKind::kValue, ItemKind::kClose}) {
    Item item;
    item.kind = kind;
    item.node = kind == ItemKind::kValue ? 2 : 1;
    kept.items.push_back(item);
  }
  std::string out;
  write_json(source, kept, out);
  EXPECT_EQ(out, R"({"l":[null]})");
}

TEST(ProtobufWriter, APackedListMayBeTheLastThing) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("packed", keep());
  Car car({source.build()});
  Shapes in;
  in.add_packed(-7);
  in.add_packed(70'000);
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(*car.payload("shapes", in.SerializeAsString())));
  EXPECT_TRUE(MessageDifferencer::Equals(in, out));
}

TEST(ProtobufWriter, PackedListsOfTwoFieldsStayTwo) {
  SourceBuilder source("shapes", *Shapes::descriptor());
  source.field("packed", keep()).field("packed_doubles", keep());
  Car car({source.build()});
  Shapes in;
  in.add_packed(1);
  in.add_packed_doubles(2);
  Shapes out;
  ASSERT_TRUE(out.ParseFromString(*car.payload("shapes", in.SerializeAsString())));
  EXPECT_TRUE(MessageDifferencer::Equals(in, out));
}

TEST(JsonWriter, BothCodecsReleaseTheSame) {
  SourceBuilder wire("wire", *Inner::descriptor());
  SourceBuilder text("text");
  for (SourceBuilder* const source : {&wire, &text}) {
    for (const std::string prefix : {"", "children."}) {
      source->field(prefix + "latitude", keep()).field(prefix + "longitude", keep());
      source->classify(prefix + "latitude", v1::LATITUDE, v1::DEGREES, prefix.empty() ? 1 : 2);
      source->classify(prefix + "longitude", v1::LONGITUDE, v1::DEGREES, prefix.empty() ? 1 : 2);
    }
    source->release.cell = v1::M500;
  }
  Car car({wire.build(), text.build()});
  const unsigned seed = 8;
  std::cout << "seed " << seed << "\n";
  srand(seed);
  for (int i = 0; i < 500; ++i) {
    Inner in;
    nlohmann::json same;
    const auto random = [](double range) { return (rand() / (RAND_MAX + 1.0) - 0.5) * range; };
    in.set_latitude(same["latitude"] = random(170));
    in.set_longitude(same["longitude"] = random(360));
    for (std::size_t j = 0; j < 3; ++j) {
      Inner& child = *in.add_children();
      child.set_latitude(same["children"][j]["latitude"] = random(170));
      child.set_longitude(same["children"][j]["longitude"] = random(360));
      child.set_name(same["children"][j]["name"] = "dropped");
    }
    Inner out;
    ASSERT_TRUE(out.ParseFromString(*car.payload("wire", in.SerializeAsString())));
    const auto out_text = nlohmann::json::parse(*car.payload("text", same.dump()));
    EXPECT_EQ(out.latitude(), out_text["latitude"].get<double>());
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(out.children(static_cast<int>(j)).longitude(),
                out_text["children"][j]["longitude"].get<double>());
    }
    EXPECT_EQ(out_text.dump().find("dropped"), std::string::npos);
    EXPECT_TRUE(out.children(0).name().empty());
  }
}

}  // namespace
}  // namespace sudare
