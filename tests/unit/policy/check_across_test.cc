#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

std::string position_source(const std::string& topic, const std::string& releases) {
  return "source { topic: " + topic + " codec: PROTOBUF message: \"sudare.vehicle.v1.Position\"\n" +
         releases + " }\n";
}

std::string cell_release(const std::string& purpose, const std::string& cell) {
  return "release { to: \"" + purpose +
         "\" field { path: \"latitude_e7\" } field { path: \"longitude_e7\" } location { cell: " +
         cell + " } time { bucket_ms: 60000 } }\n";
}

TEST(PolicyAcrossTest, OverlappingTopicsAreRefused) {
  const std::string first = position_source("\"car/{a}\"", cell_release("service", "M1000"));
  const std::string release = cell_release("anonymous", "M1000");
  expect_refused(with_sources(first + position_source("^\"{b}/position\"", release)),
                 "overlaps with \"car/{a}\"");
  expect_accepted(with_sources(first + position_source("\"{b}/x/position\"", release)));
}

TEST(PolicyAcrossTest, CellsThatDoNotNestAreRefusedOverAllPurposes) {
  const std::string two = cell_release("service", "M2000");
  expect_refused(with_sources(position_source("\"p\"", two + cell_release("anonymous", "^M5000"))),
                 "intersect in strips of 1 km");
  expect_refused(with_sources(position_source("\"p\"", cell_release("anonymous", "M5000") +
                                                           cell_release("service", "^M2000"))),
                 "intersect in strips of 1 km");
  for (const char* cell : {"M1000", "M2000", "M10000", "M80000"}) {
    expect_accepted(with_sources(position_source("\"p\"", two + cell_release("anonymous", cell))));
  }
}

TEST(PolicyAcrossTest, CellsThatDoNotNestAreWarnedOfAcrossSources) {
  const PolicyLoad result =
      load(with_sources(position_source("\"p\"", cell_release("service", "M2000")) +
                        position_source("\"q\"", cell_release("anonymous", "M5000"))));
  EXPECT_NE(result.policy, nullptr);
  EXPECT_THAT(printed(result.diagnostics), testing::HasSubstr("by different sources"));
}

// A field beside a cell: in the same release, or in another source for the same purpose.
std::string beside(const std::string& field, const std::string& purpose) {
  return with_sources(
      position_source("\"p\"", cell_release("service", "M1000")) +
      "source { topic: \"s\" codec: PROTOBUF message: \"sudare.vehicle.v1.VehicleStatus\"\n"
      "release { to: \"" +
      purpose + "\" " + field + " time { bucket_ms: 60000 } } }");
}

TEST(PolicyAcrossTest, AnOdometerUndoesACellUnlessItIsCoarse) {
  const std::string fine = "field { path: ^\"odometer_km\" coarsen { step: 1 } }";
  expect_refused(beside(fine, "service"), "undoes the cell that \"service\" receives");
  expect_accepted(beside("field { path: \"odometer_km\" coarsen { step: 2 } }", "service"));
}

TEST(PolicyAcrossTest, ChargeAndTemperatureUndoACellUnlessTheyAreCoarse) {
  expect_refused(beside("field { path: ^\"charge_percent\" coarsen { step: 4 } }", "service"),
                 "undoes the cell");
  expect_accepted(beside("field { path: \"charge_percent\" coarsen { step: 5 } }", "service"));
  expect_refused(beside("field { path: ^\"outside_celsius\" coarsen { step: 4 } }", "service"),
                 "undoes the cell");
  expect_accepted(beside("field { path: \"outside_celsius\" coarsen { step: 5 } }", "service"));
}

TEST(PolicyAcrossTest, WithoutACellTheSameFieldsMayLeave) {
  const std::string text = beside("field { path: \"odometer_km\" coarsen { step: 1 } }", "service");
  expect_accepted(
      replaced(text, cell_release("service", "M1000"), cell_release("anonymous", "M1000")));
}

TEST(PolicyAcrossTest, AltitudeUndoesACellAtAnyStep) {
  const auto with = [](const std::string& purpose) {
    return with_sources(position_source("\"p\"", cell_release("anonymous", "M1000")) +
                        position_source("\"q\"", cell_release("service", "M1000")) +
                        "source { topic: \"a\" codec: PROTOBUF message: "
                        "\"sudare.vehicle.v1.Position\" release { to: \"" +
                        purpose +
                        "\" field { path: ^\"altitude_m\" coarsen { step: 1000 } } time { "
                        "bucket_ms: 60000 } } }");
  };
  expect_refused(with("service"), "undoes the cell");
  const std::string alone =
      replaced(with("service"), position_source("\"q\"", cell_release("service", "M1000")), "");
  expect_accepted(replaced(alone, "^", ""));
}

TEST(PolicyAcrossTest, ADealerIsAPlace) {
  const auto with = [](const std::string& cell) {
    return with_sources(cell +
                        "source { topic: \"m\" codec: PROTOBUF message: "
                        "\"sudare.vehicle.v1.Maintenance\" release { to: \"service\" field "
                        "{ path: ^\"dealer_code\" pseudonymize {} } time { bucket_ms: "
                        "60000 } } }");
  };
  expect_refused(with(position_source("\"p\"", cell_release("service", "M1000"))),
                 "undoes the cell");
  expect_accepted(replaced(with(""), "^", ""));
}

TEST(PolicyAcrossTest, ADealerInATopicIsAPlaceToo) {
  const auto with = [](const std::string& purpose) {
    return with_sources(
        position_source("\"p\"", cell_release(purpose, "M1000")) +
        replaced(
            json_source("classify { level: \"d\" class: DEALER } classify { path: \"n\" "
                        "class: NOT_PERSONAL }",
                        "service", "field { path: \"n\" } ^level { name: \"d\" pseudonymize {} }"),
            "car/json", "dealer/{d}"));
  };
  expect_refused(with("service"), "undoes the cell");
  expect_accepted(replaced(with("anonymous"), "^", ""));
}

TEST(PolicyAcrossTest, TheOwnerMayHaveBoth) {
  expect_accepted(with_sources(
      position_source("\"p\"",
                      "release { to: \"owner\" field { path: \"latitude_e7\" } field { "
                      "path: \"longitude_e7\" } field { path: \"altitude_m\" } field { "
                      "path: \"road_link\" } location { cell: M125 } time { exact: true "
                      "} }")));
}

TEST(PolicyAcrossTest, AnOwnersKeyReceivesNoOtherPurpose) {
  const std::string both = "\"" + recipient(1) + "\" recipient: ^\"" + recipient(3) + "\"";
  expect_refused(replaced(purposes(), "\"" + recipient(1) + "\"", both),
                 "the owner's key of \"owner\"");
}

TEST(PolicyAcrossTest, ACommonRecipientOfTwoServicesIsWarnedOf) {
  const PolicyLoad result = load(replaced(purposes(), recipient(2), recipient(1)));
  EXPECT_NE(result.policy, nullptr);
  EXPECT_THAT(printed(result.diagnostics), testing::HasSubstr("have a recipient in common"));
}

TEST(PolicyAcrossTest, APurposeThatReceivesNothingIsWarnedOf) {
  const PolicyLoad result = load(purposes());
  EXPECT_NE(result.policy, nullptr);
  EXPECT_THAT(printed(result.diagnostics), testing::HasSubstr("nothing is released to \"rescue\""));
}

TEST(PolicyAcrossTest, FindingsAreInTheOrderOfTheFile) {
  const PolicyLoad result =
      load(replaced(purposes(), "serial: 1", "serial: 0") + "source { topic: \"+\" }\n");
  int last = 0;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    EXPECT_GE(diagnostic.line(), last);
    last = diagnostic.line();
  }
  EXPECT_GT(last, 1);
}

}  // namespace
}  // namespace sudare::policy_test
