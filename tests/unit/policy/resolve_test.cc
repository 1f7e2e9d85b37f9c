#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

std::string vehicle(const std::string& message, const std::string& rules,
                    const std::string& extra = "") {
  return with_sources("source { topic: \"t\" codec: PROTOBUF message: \"sudare.vehicle.v1." +
                      message + "\"\n" + extra + " release { to: \"owner\" " + rules +
                      " time { exact: true } } }");
}

std::string json(const std::string& classes, const std::string& rules) {
  return with_sources(json_source(classes, "owner", rules));
}

const FieldNode& node(const SourcePlan& source, std::initializer_list<const char*> path) {
  NodeIndex at = kRootNode;
  for (const char* name : path) {
    NodeIndex next = kNoNode;
    for (const NodeIndex child : source.nodes[at].children) {
      if (source.nodes[child].name == name) next = child;
    }
    EXPECT_NE(next, kNoNode) << name;
    if (next == kNoNode) return source.nodes[kRootNode];
    at = next;
  }
  return source.nodes[at];
}

TEST(PolicyResolveTest, NestedRepeatedFieldsBecomeATree) {
  const PolicyLoad result = load(vehicle(
      "VehicleHealth",
      "field { path: \"trouble_codes.freeze_frame.engine_rpm\" } field { path: "
      "\"trouble_codes.code\" } field { path: \"brake_pads_mm\" } field { path: \"oil\" }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources[0];
  EXPECT_EQ(source.nodes.size(), 7U);
  EXPECT_TRUE(node(source, {"trouble_codes"}).repeated);
  EXPECT_FALSE(node(source, {"trouble_codes"}).value);
  EXPECT_EQ(node(source, {"trouble_codes", "code"}).type, FieldType::kString);
  EXPECT_TRUE(node(source, {"trouble_codes", "freeze_frame", "engine_rpm"}).value);
  EXPECT_TRUE(node(source, {"brake_pads_mm"}).packed);
  EXPECT_EQ(node(source, {"oil"}).enum_values, (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(node(source, {"oil"}).personal, v1::NOT_PERSONAL);
}

TEST(PolicyResolveTest, ChildrenAreSortedByNumber) {
  const PolicyLoad result =
      load(vehicle("VehicleHealth", "field { path: \"oil\" } field { path: \"battery_v\" }"));
  ASSERT_NE(result.policy, nullptr);
  const auto& nodes = result.policy->sources[0].nodes;
  ASSERT_EQ(nodes[0].children.size(), 2U);
  EXPECT_LT(nodes[nodes[0].children[0]].number, nodes[nodes[0].children[1]].number);
}

TEST(PolicyResolveTest, AMapIsNamedByAStarAndReleasesItsKeys) {
  const PolicyLoad result = load(vehicle("SoftwareReport", "field { path: \"versions.*\" }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources[0];
  EXPECT_TRUE(node(source, {"versions"}).map);
  EXPECT_EQ(node(source, {"versions", "key"}).number, 1);
  EXPECT_TRUE(node(source, {"versions", "key"}).value);
  EXPECT_EQ(node(source, {"versions", "value"}).personal, v1::NOT_PERSONAL);
  for (std::size_t i = 2; i < source.nodes.size(); ++i) {
    EXPECT_EQ(source.releases[0].rules[i].action, Action::kKeep);
  }
  expect_refused(vehicle("SoftwareReport", "field { path: ^\"versions\" }"), "is a map");
  expect_refused(vehicle("SoftwareReport", "field { path: ^\"versions.engine\" }"), "is a map");
}

TEST(PolicyResolveTest, MembersOfAOneofHavePresence) {
  const PolicyLoad result = load(vehicle("Driving", "field { path: \"summary.score\" }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  EXPECT_FALSE(node(result.policy->sources[0], {"summary"}).proto3_optional);
  EXPECT_FALSE(node(result.policy->sources[0], {"summary", "score"}).proto3_optional);
}

TEST(PolicyResolveTest, PathsThatLeadNowhereAreRefused) {
  expect_refused(vehicle("Position", "field { path: ^\"lattitude_e7\" }"),
                 "no field \"lattitude_e7\" in sudare.vehicle.v1.Position");
  EXPECT_THAT(printed(load(vehicle("Position", "field { path: \"lattitude_e7\" }")).diagnostics),
              testing::HasSubstr("did you mean \"latitude_e7\"?"));
  expect_refused(vehicle("Position", "field { path: ^\"speed_kmh.x\" }"), "has no fields inside");
  expect_refused(vehicle("Position", "field { path: ^\"\" }"), "a path is empty");
  expect_refused(vehicle("Position", "field { path: ^\"a..b\" }"), "has an empty part");
  expect_refused(json(
                     "", "field { path: ^\"" + std::string(70, 'a').substr(0, 1) +
                             [] {
                               std::string deep;
                               for (int i = 0; i < 32; ++i) deep += ".a";
                               return deep;
                             }() +
                             "\" }"),
                 "nested too deep");
}

TEST(PolicyResolveTest, AMessageMustBeNamedFieldByField) {
  expect_refused(vehicle("VehicleHealth", "field { path: ^\"trouble_codes\" }"),
                 "its fields must be named one by one");
}

TEST(PolicyResolveTest, MessagesMustBeKnown) {
  expect_refused(replaced(vehicle("Position", "field { path: \"satellites\" }"),
                          "\"sudare.vehicle.v1.Position\"", "^\"sudare.vehicle.v1.Pos\""),
                 "no message \"sudare.vehicle.v1.Pos\" is known");
  expect_refused(with_sources("^source { topic: \"t\" codec: PROTOBUF }"), "without message");
  expect_refused(with_sources("^source { topic: \"t\" }"), "without codec");
  expect_refused(with_sources("source { topic: \"t\" codec: JSON message: ^\"a.B\" }"),
                 "a JSON source has no message");
  expect_refused(with_sources("source { topic: ^\"a/+\" codec: JSON }"), "wildcards");
}

TEST(PolicyResolveTest, TimeAndIgnitionFieldsAreMaterialised) {
  const PolicyLoad result = load(vehicle("VehicleStatus", "field { path: \"lamps_on\" }",
                                         "time_field: \"time_ms\" ignition_field: \"ignition\""));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources[0];
  EXPECT_EQ(source.nodes.at(source.time_node).name, "time_ms");
  EXPECT_EQ(source.nodes.at(source.ignition_node).name, "ignition");
  EXPECT_EQ(source.releases[0].rules.at(source.time_node).action, Action::kDrop);
}

TEST(PolicyResolveTest, TimeAndIgnitionFieldsAreChecked) {
  const std::string rules = "field { path: \"lamps_on\" }";
  expect_refused(vehicle("VehicleStatus", rules, "time_field: ^\"speed_kmh\""),
                 "not of class TIMESTAMP");
  expect_refused(vehicle("VehicleStatus", rules, "time_field: ^\"doors.open\""),
                 "lies in a list or map");
  expect_refused(vehicle("VehicleStatus", rules, "gnss_time: ^true"), "without a time field");
  expect_refused(
      vehicle("VehicleIdentity", "field { path: \"model\" }", "ignition_field: ^\"vin\""),
      "is text");
  expect_refused(vehicle("VehicleStatus", rules, "ignition_field: ^\"ign\""), "no field \"ign\"");
}

TEST(PolicyResolveTest, IdentityFieldsAreMaterialisedAndNotReleased) {
  const PolicyLoad result =
      load(vehicle("VehicleIdentity", "field { path: \"model\" }",
                   "identity_field: \"frame_number\" identity_field: \"vin\""));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources[0];
  EXPECT_EQ(source.nodes.at(source.car_identity.vin).name, "vin");
  EXPECT_EQ(source.nodes.at(source.car_identity.frame_number).name, "frame_number");
  EXPECT_EQ(source.releases[0].rules.at(source.car_identity.vin).action, Action::kDrop);
  expect_accepted(
      with_sources("source { topic: \"t\" codec: JSON identity_field: \"a.v\" "
                   "classify { path: \"a.v\" class: VIN } }"));
}

TEST(PolicyResolveTest, IdentityFieldsAreChecked) {
  const std::string rules = "field { path: \"model\" }";
  expect_refused(vehicle("VehicleIdentity", rules, "identity_field: ^\"model\""),
                 "no text of class VIN or FRAME_NUMBER");
  expect_refused(vehicle("VehicleIdentity", rules, "identity_field: ^\"colour\""),
                 "no field \"colour\"");
  expect_refused(
      vehicle("VehicleIdentity", rules, "identity_field: \"vin\" identity_field: ^\"vin\""),
      "two identity fields of one class");
  expect_refused(json("identity_field: ^\"a\"", ""), "no text of class VIN or FRAME_NUMBER");
}

TEST(PolicyResolveTest, APolicyCannotOverruleASchema) {
  expect_refused(vehicle("Position", "field { path: \"satellites\" }",
                         "classify { path: \"road_link\" class: ^NOT_PERSONAL }"),
                 "the schema classes \"road_link\" as ROAD_LINK");
  expect_accepted(vehicle("Position", "field { path: \"satellites\" }",
                          "classify { path: \"road_link\" class: ROAD_LINK }"));
}

TEST(PolicyResolveTest, ClassesMustNameSomething) {
  expect_refused(json("^classify { class: VIN }", ""), "names nothing");
  expect_refused(json("^classify { path: \"a\" }", ""), "names no class");
  expect_refused(
      json("classify { path: \"a\" class: VIN } classify { path: ^\"a\" class: VIN }", ""),
      "classed twice");
  expect_refused(json("classify { level: ^\"a\" class: VIN }", ""), "captures no level");
  expect_refused(vehicle("Position", "field { path: \"satellites\" }",
                         "classify { path: ^\"nothing\" class: VIN }"),
                 "no field \"nothing\"");
}

TEST(PolicyResolveTest, JsonPathsAreTakenAsWritten) {
  const PolicyLoad result = load(json(
      "classify { path: \"a.*.b\" class: NOT_PERSONAL } classify { path: \"c.0\" class: LONGITUDE "
      "unit: DEGREES } classify { path: \"c.1\" class: LATITUDE unit: DEGREES }",
      "field { path: \"a.*.b\" } field { path: \"c.0\" } field { path: \"c.1\" } location { cell: "
      "EXACT }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources[0];
  EXPECT_EQ(node(source, {"a", "*", "b"}).type, FieldType::kJson);
  EXPECT_NE(node(source, {"c", "0"}).group, 0);
  EXPECT_EQ(node(source, {"c", "0"}).group, node(source, {"c", "1"}).group);
}

TEST(PolicyResolveTest, WhatCannotBothApplyIsRefused) {
  const std::string classes =
      "classify { path: \"a\" class: VIN } classify { path: \"a.b\" class: VIN } classify { path: "
      "\"a.*\" class: VIN }";
  expect_refused(json(classes, "field { path: \"a\" } field { path: ^\"a.b\" }"),
                 "also named as a whole");
  expect_refused(json(classes, "field { path: \"a.b\" } field { path: ^\"a\" }"),
                 "also named with what is inside");
  expect_refused(json(classes, "field { path: \"a.*\" } field { path: ^\"a.b\" }"),
                 "stand side by side");
  expect_refused(json(classes, "field { path: \"a.b\" } field { path: ^\"a.*\" }"),
                 "stand side by side");
}

TEST(PolicyResolveTest, GroupsTellPositionsOfOneMessageApart) {
  const PolicyLoad result = load(vehicle(
      "Trip",
      "field { path: \"start_latitude_e7\" } field { path: \"start_longitude_e7\" } field { "
      "path: \"end_latitude_e7\" } field { path: \"end_longitude_e7\" } location { cell: "
      "M1000 }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources[0];
  EXPECT_EQ(node(source, {"start_latitude_e7"}).group, node(source, {"start_longitude_e7"}).group);
  EXPECT_NE(node(source, {"start_latitude_e7"}).group, node(source, {"end_latitude_e7"}).group);
}

TEST(PolicyResolveTest, AGroupOfThePolicyMaySpanObjects) {
  const std::string classes =
      "classify { path: \"lat.v\" class: LATITUDE unit: DEGREES group: \"p\" }"
      "classify { path: \"lon.v\" class: LONGITUDE unit: DEGREES group: \"p\" }";
  const std::string rules =
      "field { path: \"lat.v\" } field { path: \"lon.v\" } location { cell: M1000 }";
  expect_accepted(json(classes, rules));
}

TEST(PolicyResolveTest, ASourceHasALimitOfFields) {
  std::string rules;
  for (int i = 0; i < 1025; ++i) {
    rules +=
        "field { path: " + std::string(i == 1024 ? "^" : "") + "\"f" + std::to_string(i) + "\" }\n";
  }
  expect_refused(json("", rules), "names too many fields");
}

TEST(PolicyResolveTest, AFieldMayHoldItsOwnClass) {
  const PolicyLoad result = load(vehicle("VehicleIdentity", "field { path: \"vin\" }"));
  ASSERT_NE(result.policy, nullptr);
  EXPECT_THAT(result.policy->sources[0].releases[0].rules[1].tolerate,
              testing::ElementsAre(v1::VIN));
}

}  // namespace
}  // namespace sudare::policy_test
