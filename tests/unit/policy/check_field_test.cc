#include <gtest/gtest.h>

#include "gateway/policy/class_rules.h"
#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

enum class To { kNobody, kTrusted, kAll };

// Who may receive a class under an action, written down apart from the table that decides it.
struct Row {
  const char* name;
  const char* unit;
  To keep;
  const char* fine;    // coarsened to steps too fine for a service; "" where no step will do
  const char* coarse;  // and coarse enough; "" where no step will do
  To pseudonymize;
  To generalize;
};

constexpr Row kRows[] = {
    {"NOT_PERSONAL", "", To::kAll, "", "0.1", To::kAll, To::kNobody},
    {"HEADING", "DEGREES", To::kTrusted, "44", "45", To::kTrusted, To::kNobody},
    {"SPEED", "KM_PER_HOUR", To::kTrusted, "4.9", "5", To::kTrusted, To::kNobody},
    {"SPEED", "METERS_PER_SECOND", To::kTrusted, "1.3", "1.5", To::kTrusted, To::kNobody},
    {"ROAD_LINK", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"PLACE_NAME", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"DEALER", "", To::kTrusted, "1000", "", To::kAll, To::kNobody},
    {"NMEA_SENTENCE", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"ALTITUDE", "METERS", To::kTrusted, "99", "100", To::kTrusted, To::kNobody},
    {"ODOMETER", "METERS", To::kTrusted, "999", "1000", To::kTrusted, To::kNobody},
    {"ODOMETER", "KILOMETERS", To::kTrusted, "0.9", "1", To::kTrusted, To::kNobody},
    {"ODOMETER", "PERCENT", To::kTrusted, "1000000", "", To::kTrusted, To::kNobody},
    {"TRIP_DISTANCE", "KILOMETERS", To::kTrusted, "0.9", "1", To::kTrusted, To::kNobody},
    {"ENERGY", "PERCENT", To::kTrusted, "0.9", "1", To::kTrusted, To::kNobody},
    {"ENERGY", "KILOMETERS", To::kTrusted, "100", "", To::kTrusted, To::kNobody},
    {"RADIO_ID", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"AMBIENT", "", To::kTrusted, "0.9", "1", To::kTrusted, To::kNobody},
    {"DURATION", "", To::kTrusted, "59", "60", To::kTrusted, To::kNobody},
    {"DURATION", "SECONDS", To::kTrusted, "59", "60", To::kTrusted, To::kNobody},
    {"DURATION", "MILLISECONDS", To::kTrusted, "59999", "60000", To::kTrusted, To::kNobody},
    {"DURATION", "METERS", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"VIN", "", To::kTrusted, "1000", "", To::kAll, To::kAll},
    {"FRAME_NUMBER", "", To::kTrusted, "1000", "", To::kAll, To::kAll},
    {"TERMINAL_ID", "", To::kTrusted, "1000", "", To::kAll, To::kNobody},
    {"DEVICE_SERIAL", "", To::kTrusted, "1000", "", To::kAll, To::kNobody},
    {"EMAIL", "", To::kNobody, "1000", "", To::kNobody, To::kNobody},
    {"PERSON_NAME", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"PHONE", "", To::kTrusted, "1000", "", To::kAll, To::kNobody},
    {"PLATE", "", To::kTrusted, "1000", "", To::kAll, To::kNobody},
    {"ACCOUNT_ID", "", To::kTrusted, "1000", "", To::kAll, To::kNobody},
    {"FREE_TEXT", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"SECRET", "", To::kNobody, "1000", "", To::kNobody, To::kNobody},
    {"BEHAVIOUR", "", To::kAll, "", "0.1", To::kAll, To::kNobody},
    {"VIDEO", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
    {"AUDIO", "", To::kTrusted, "1000", "", To::kTrusted, To::kNobody},
};

std::string source_of(const Row& row, const std::string& purpose, const std::string& action) {
  const std::string unit = row.unit[0] == '\0' ? "" : std::string(" unit: ") + row.unit;
  return with_sources(
      json_source(std::string("classify { path: \"x\" class: ") + row.name + unit + " }", purpose,
                  "field { path: ^\"x\" " + action + " }"));
}

std::string without_marker(const std::string& text) { return replaced(text, "^", ""); }

// The marker at the action, where there is one.
std::string at_action(const std::string& text, const std::string& action) {
  return action.empty() ? text : replaced(without_marker(text), action, "^" + action);
}

void expect_reach(const Row& row, const std::string& action, To reach) {
  SCOPED_TRACE(std::string(row.name) + " " + row.unit + " " + action);
  for (const char* purpose : {"service", "owner"}) {
    SCOPED_TRACE(purpose);
    const std::string text = source_of(row, purpose, action);
    const bool may =
        reach == To::kAll || (reach == To::kTrusted && purpose == std::string("owner"));
    if (may) expect_accepted(without_marker(text));
    else expect_refused(at_action(text, action), "\"x\"");
  }
}

TEST(PolicyFieldTest, EachClassMayBeKeptByWhomTheTableSays) {
  for (const Row& row : kRows) expect_reach(row, "", row.keep);
}

TEST(PolicyFieldTest, EachClassMayBeCoarsenedAsFarAsTheTableSays) {
  for (const Row& row : kRows) {
    // The trusted may have any step: they may have the value itself.
    if (row.fine[0] != '\0') {
      expect_reach(row, std::string("coarsen { step: ") + row.fine + " }",
                   row.keep == To::kNobody ? To::kNobody : To::kTrusted);
    }
    if (row.coarse[0] != '\0') {
      expect_reach(row, std::string("coarsen { step: ") + row.coarse + " }", To::kAll);
    }
  }
}

TEST(PolicyFieldTest, EachClassMayBePseudonymisedOrGeneralisedAsTheTableSays) {
  for (const Row& row : kRows) {
    expect_reach(row, "pseudonymize {}", row.pseudonymize);
    expect_reach(row, "generalize {}", row.generalize);
  }
}

TEST(PolicyFieldTest, EveryClassHasARule) {
  const auto* const classes = v1::PersonalClass_descriptor();
  for (int i = 0; i < classes->value_count(); ++i) {
    const auto personal = static_cast<v1::PersonalClass>(classes->value(i)->number());
    if (personal == v1::UNCLASSED) continue;
    EXPECT_EQ(rule_of(personal).personal, personal) << classes->value(i)->name();
  }
}

TEST(PolicyFieldTest, ADurationIsNotCoarsenedToNothing) {
  const std::string classes = "classify { path: \"x\" class: DURATION }";
  expect_refused(with_sources(json_source(classes, "service",
                                          "field { path: \"x\" ^coarsen { step: 0.0000001 } }")),
                 "\"x\" of class DURATION is released to \"service\" without being minimised");
}

TEST(PolicyFieldTest, EveryClassThatIsCoarsenedHasALeastStep) {
  const auto* const classes = v1::PersonalClass_descriptor();
  for (int i = 0; i < classes->value_count(); ++i) {
    const ClassRule& rule = rule_of(static_cast<v1::PersonalClass>(classes->value(i)->number()));
    if (rule.minimiser != Minimiser::kCoarsen) continue;
    EXPECT_GT(rule.step, 0) << classes->value(i)->name();
    EXPECT_TRUE(rule.beside_step >= rule.step || rule.beside_step == kNever)
        << classes->value(i)->name();
  }
}

TEST(PolicyFieldTest, AnUnclassedFieldIsRefused) {
  expect_refused(with_sources(json_source("", "service", "field { path: ^\"x\" }")),
                 "\"x\" has no class");
  expect_accepted(with_sources(json_source("classify { path: \"x\" class: NOT_PERSONAL }",
                                           "service", "field { path: \"x\" }")));
}

TEST(PolicyFieldTest, AClassOutsideThePurposesCeilingIsRefused) {
  const std::string classes = "classify { path: \"x\" class: PHONE }";
  expect_accepted(with_sources(json_source(classes, "rescue", "field { path: \"x\" }")));
  expect_refused(replaced(with_sources(json_source(classes, "rescue", "field { path: ^\"x\" }")),
                          "[VIN, PHONE]", "VIN"),
                 "is not in the ceiling of \"rescue\"");
}

TEST(PolicyFieldTest, APseudonymInBatchesThatHaveNoneIsRefused) {
  const std::string classes = "classify { path: \"x\" class: VIN }";
  expect_refused(
      with_sources(json_source(classes, "anonymous", "field { path: \"x\" ^pseudonymize {} }")),
      "whose batches carry no pseudonym");
  expect_accepted(
      with_sources(json_source(classes, "anonymous", "field { path: \"x\" generalize {} }")));
}

TEST(PolicyFieldTest, CoordinatesAndTimesHaveNoActionsOfTheirOwn) {
  expect_refused(with_sources(json_source("classify { path: \"x\" class: LATITUDE unit: DEGREES }",
                                          "owner", "field { path: \"x\" ^coarsen { step: 0.1 } }")),
                 "rounding or replacing coordinates hides no place");
  expect_refused(with_sources(json_source("classify { path: \"x\" class: TIMESTAMP unit: SECONDS }",
                                          "owner", "field { path: \"x\" ^coarsen { step: 60 } }")),
                 "times follow the release's time rule");
}

TEST(PolicyFieldTest, CoarseningNeedsAStepAndARange) {
  const std::string classes = "classify { path: \"x\" class: NOT_PERSONAL }";
  const auto with = [&](const std::string& coarsen) {
    return with_sources(json_source(classes, "service", "field { path: \"x\" " + coarsen + " }"));
  };
  expect_refused(with("^coarsen {}"), "coarsened without a step");
  expect_refused(with("^coarsen { step: -1 }"), "coarsened without a step");
  expect_refused(with("^coarsen { step: 1 least: 5 most: 5 }"), "clamped to nothing");
  expect_accepted(with("coarsen { step: 1 least: -5 most: 5 }"));
}

std::string status_with(const std::string& fields) {
  return with_sources(
      "source { topic: \"s\" codec: PROTOBUF message: "
      "\"sudare.vehicle.v1.VehicleStatus\"\nrelease { to: \"service\" " +
      fields + " time { bucket_ms: 60000 } } }");
}

TEST(PolicyFieldTest, ActionsMustFitTheTypeOfTheField) {
  expect_refused(status_with("field { path: \"ignition\" ^coarsen { step: 1 } }"), "is no number");
  expect_refused(status_with("field { path: \"windows\" ^pseudonymize {} }"), "is not text");
  expect_accepted(status_with("field { path: \"tyre_pressures_kpa\" coarsen { step: 0.5 } }"));
  const auto position = [](const std::string& step) {
    return with_sources(
        "source { topic: \"s\" codec: PROTOBUF message: "
        "\"sudare.vehicle.v1.Position\"\nrelease { to: \"service\" field { path: "
        "\"satellites\" ^coarsen { step: " +
        step + " } } time { bucket_ms: 60000 } } }");
  };
  expect_refused(position("0.5"), "holds whole numbers");
  expect_accepted(without_marker(position("2")));
}

TEST(PolicyFieldTest, PositionsAndTimesNeedTheirUnits) {
  const auto with = [](const std::string& unit) {
    return with_sources(json_source(
        "classify { path: \"a\" class: LATITUDE" + unit +
            " } classify { path: \"b\" class: LONGITUDE" + unit + " }",
        "owner", "field { path: ^\"a\" } field { path: \"b\" } location { cell: EXACT }"));
  };
  expect_refused(with(""), "has no unit that its type can hold");
  expect_refused(with(" unit: METERS"), "has no unit that its type can hold");
  for (const char* unit : {"DEGREES", "DEGREES_E6", "DEGREES_E7", "NMEA_DDMM"}) {
    expect_accepted(without_marker(with(std::string(" unit: ") + unit)));
  }
  expect_refused(with_sources(json_source("classify { path: \"t\" class: TIMESTAMP }", "owner",
                                          "field { path: ^\"t\" }")),
                 "has no unit of time");
}

TEST(PolicyFieldTest, WhatATextMayContainMustBeAllowedAsItIs) {
  const std::string classes = "classify { path: \"x\" class: NOT_PERSONAL }";
  const auto with = [&](const std::string& purpose, const std::string& tolerate) {
    return with_sources(
        json_source(classes, purpose, "field { path: \"x\" tolerate: " + tolerate + " }"));
  };
  expect_refused(with("service", "^VIN"), "VIN inside text may not leave");
  expect_refused(with("owner", "^EMAIL"), "EMAIL inside text may not leave");
  expect_accepted(with("owner", "[VIN, PHONE, LATITUDE]"));
  expect_refused(status_with("field { path: \"windows\" tolerate: ^VIN }"), "not text");
}

}  // namespace
}  // namespace sudare::policy_test
