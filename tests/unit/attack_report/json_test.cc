#include "sim/attack/report/json.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/unit/attack_report/sample_report.h"

namespace sudare::sim::attack {
namespace {

using nlohmann::json;

TEST(ReportJson, HasTheAgreedMembers) {
  const json report = json::parse(to_json(sample_report()));
  EXPECT_EQ(report.at("outcome"), "met");
  for (const char* member : {"name", "network", "target", "measured", "pass"}) {
    EXPECT_TRUE(report.at("goals").at(0).contains(member)) << member;
  }
  for (const char* member : {"name", "share_100m", "broken"}) {
    EXPECT_TRUE(report.at("controls").at(0).contains(member)) << member;
  }
  for (const char* list : {"utility", "real_traces", "curves", "uniqueness", "maps", "subjects"}) {
    EXPECT_FALSE(report.at(list).empty()) << list;
  }
}

TEST(ReportJson, IsValidWhateverAnOperatorOrABadFigureBrings) {
  Report report = sample_report();
  report.policy = "caf\xE9 \"quoted\"\n\x01";
  report.subjects[0].name = "a\\b\xFF";
  report.utility[0].value = std::numeric_limits<double>::quiet_NaN();
  const json parsed = json::parse(to_json(report));
  EXPECT_TRUE(parsed.at("utility").at(0).at("value").is_null());
  EXPECT_EQ(parsed.at("policy"), "caf\xEF\xBF\xBD \"quoted\"\n\x01");
}

TEST(ReportJson, AnEmptyReportIsValidAndNotMet) {
  const json parsed = json::parse(to_json(Report{}));
  EXPECT_EQ(parsed.at("outcome"), "weak attackers");
  EXPECT_TRUE(parsed.at("goals").is_array());
}

TEST(ReportJson, RealTracesHoldAggregatesOnly) {
  const json parsed = json::parse(to_json(sample_report()));
  for (const json& traces : parsed.at("real_traces")) {
    for (const auto& [name, value] : traces.items()) {
      EXPECT_FALSE(value.is_structured()) << name;
    }
  }
  EXPECT_EQ(parsed.at("real_traces").at(1).at("not_run"), "its files are not here");
}

}  // namespace
}  // namespace sudare::sim::attack
