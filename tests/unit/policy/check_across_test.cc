#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

// A release of a count with the time rule, to the purpose that receives cells from another source.
std::string time_beside(const std::string& cells_to, const std::string& time) {
  return with_sources(
      position_source("\"p\"", cell_release(cells_to, "M1000")) +
      "source { topic: \"q\" codec: PROTOBUF message: \"sudare.vehicle.v1.Position\"\n"
      "release { to: \"anonymous\" field { path: \"satellites\" } time { " +
      time + " } } }");
}

TEST(PolicyAcrossTest, BucketsBesideACellAreNotShorterThanASecond) {
  const std::string same = with_sources(
      replaced(position_source("\"p\"", cell_release("anonymous", "M1000")), "60000", "^1"));
  expect_refused(replaced(same, "linger_ms: 60000 batch_bytes_max: 4096",
                          "linger_ms: 1 batch_bytes_max: 4096"),
                 "times as good as exact beside cells");
  expect_refused(time_beside("anonymous", "bucket_ms: ^999"),
                 "times as good as exact beside cells");
  expect_refused(time_beside("anonymous", "exact: ^true"), "exact times beside cells");
  expect_accepted(time_beside("anonymous", "bucket_ms: 1000"));
  expect_accepted(time_beside("service", "bucket_ms: 999"));
  expect_accepted(time_beside("service", "exact: true"));
}

// `warning` at line:column, or nowhere where the column is 0.
void expect_warned(const std::string& text, const std::string& warning, int line, int column) {
  const PolicyLoad result = load(text);
  EXPECT_NE(result.policy, nullptr) << printed(result.diagnostics);
  int seen = 0;
  for (const Diagnostic& found : result.diagnostics) {
    if (found.text().find(warning) == std::string::npos) continue;
    EXPECT_EQ(found.severity(), DiagnosticSeverity::kWarning);
    EXPECT_EQ(found.line(), line);
    EXPECT_EQ(found.column(), column);
    ++seen;
  }
  EXPECT_EQ(seen, column == 0 ? 0 : 1) << printed(result.diagnostics);
}

TEST(PolicyAcrossTest, BucketsUnderAMinuteBesideACellAreWarnedOf) {
  const std::string warned = time_beside("anonymous", "bucket_ms: 59999");
  const std::size_t at = warned.find("59999");
  const std::size_t line_start = warned.rfind('\n', at);
  const auto line = static_cast<int>(std::count(
                        warned.begin(), warned.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
                    1;
  expect_warned(warned, "times finer than a minute beside cells", line,
                static_cast<int>(at - line_start));
  expect_warned(time_beside("anonymous", "bucket_ms: 60000"), "times finer than a minute", 0, 0);
  expect_warned(time_beside("service", "bucket_ms: 59999"), "times finer than a minute", 0, 0);
}

TEST(PolicyAcrossTest, ARotationWithoutIgnitionOrGnssTimeIsWarnedOf) {
  const auto with = [](const std::string& extra) {
    return with_sources(
        "source { topic: \"s\" codec: PROTOBUF message: \"sudare.vehicle.v1.VehicleStatus\" " +
        extra +
        " release { to: \"service\" field { path: \"windows\" } time { bucket_ms: 900000 } } }");
  };
  const std::string ignition = "ignition_field: \"ignition\"";
  const std::string gnss = "time_field: \"time_ms\" gnss_time: true";
  // "pseudonym { rotate_days: 28" of the first purpose, at the value.
  expect_warned(with(""), "no source has an ignition_field", 4, 28);
  expect_warned(with(""), "no source has gnss_time", 4, 28);
  expect_warned(with(ignition), "no source has an ignition_field", 0, 0);
  expect_warned(with(ignition), "no source has gnss_time", 4, 28);
  expect_warned(with(gnss), "no source has an ignition_field", 4, 28);
  expect_warned(with(gnss), "no source has gnss_time", 0, 0);
  // Pseudonyms that don't rotate ask for neither.
  const std::string constant = replaced(replaced(with(""), "rotate_days: 28", "until_transfer {}"),
                                        "rotate_days: 1 ", "until_transfer {} ");
  expect_warned(constant, "no source has", 0, 0);
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
