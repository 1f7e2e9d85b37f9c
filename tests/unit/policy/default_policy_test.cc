#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/testkit/fixtures.h"
#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

using testing::HasSubstr;

std::string shipped(const std::string& name) {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  return testkit::read_file(std::string(source == nullptr ? "." : source) + "/deploy/policies/" +
                            name);
}

std::map<std::string, std::string> keys() {
  return {{"traffic", recipient(1)},    {"diagnostics", recipient(2)},
          {"emergency", recipient(3)},  {"driving-diagnosis", recipient(4)},
          {"car-finder", recipient(5)}, {"ownership", recipient(6)},
          {"recorder", recipient(7)}};
}

TEST(PolicyDefaultTest, IsRefusedUntilItsRecipientsAreFilled) {
  const PolicyLoad result = load(shipped("default.textproto"));
  EXPECT_EQ(result.policy, nullptr);
  EXPECT_EQ(result.diagnostics.size(), 7U) << printed(result.diagnostics);
  EXPECT_THAT(printed(result.diagnostics), HasSubstr("${TRAFFIC_RECIPIENT}"));
  EXPECT_EQ(load_ceiling("c", shipped("ceiling.textproto")).ceiling, nullptr);
}

TEST(PolicyDefaultTest, PassesTheCheckWithoutAWarningBelowItsCeiling) {
  const CeilingLoad ceiling =
      load_ceiling("c", fill_recipients(shipped("ceiling.textproto"), keys()));
  ASSERT_NE(ceiling.ceiling, nullptr) << printed(ceiling.diagnostics);
  EXPECT_TRUE(ceiling.diagnostics.empty());
  const PolicyLoad result =
      load(fill_recipients(shipped("default.textproto"), keys()), ceiling.ceiling.get());
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  EXPECT_TRUE(result.diagnostics.empty()) << printed(result.diagnostics);
}

TEST(PolicyDefaultTest, OnlyTheOwnerAndTheRescuersReceiveExactPositions) {
  const PolicyLoad result = load(fill_recipients(shipped("default.textproto"), keys()));
  ASSERT_NE(result.policy, nullptr);
  int exact = 0;
  for (const SourcePlan& source : result.policy->sources) {
    for (const ReleasePlan& release : source.releases) {
      const PurposePlan& purpose = result.policy->purposes[release.purpose];
      const bool trusted = purpose.essential || purpose.audience == v1::Purpose::OWNER;
      exact += release.cell == v1::EXACT ? 1 : 0;
      EXPECT_TRUE(trusted || release.cell == v1::CELL_UNSPECIFIED ||
                  (release.cell == v1::M1000 && purpose.name == "traffic"))
          << purpose.name;
    }
  }
  EXPECT_EQ(exact, 2);
}

TEST(PolicyDefaultTest, TopicsOfPeopleAndTripsHaveNoSource) {
  const PolicyLoad result = load(fill_recipients(shipped("default.textproto"), keys()));
  ASSERT_NE(result.policy, nullptr);
  for (const char* topic : {"account/profile", "vehicle/trip", "infotainment/request", "vehicle"}) {
    EXPECT_EQ(find_source(*result.policy, topic), nullptr) << topic;
  }
  const SourcePlan* const recorder = find_source(*result.policy, "vehicle/drive-recorder/event");
  ASSERT_NE(recorder, nullptr);
  EXPECT_TRUE(recorder->releases.empty()) << "the event names a clip; nothing of it leaves";
  for (const char* topic :
       {"vehicle/position", "vehicle/status", "vehicle/health", "vehicle/driving",
        "vehicle/maintenance", "vehicle/emergency", "vehicle/security", "vehicle/remote/result",
        "vehicle/identity", "vehicle/software"}) {
    EXPECT_NE(find_source(*result.policy, topic), nullptr) << topic;
  }
}

// Seeds that are refused at the first line would exercise little.
TEST(PolicyCorpusTest, TheSeedsOfTheFuzzTargetThatShouldLoadDo) {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  const std::filesystem::path corpus =
      std::filesystem::path(source == nullptr ? "." : source) / "tests/fuzz/corpus/policy_fuzz";
  int loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    const std::string name = entry.path().filename().string();
    if (name != "default" && name != "captures" && name.rfind("ok", 0) != 0) continue;
    SCOPED_TRACE(name);
    expect_accepted(testkit::read_file(entry.path()));
    ++loaded;
  }
  EXPECT_GE(loaded, 5);
}

TEST(PolicyFillTest, ReplacesThePlaceholdersItHasKeysFor) {
  EXPECT_EQ(fill_recipients("a \"${DRIVING_DIAGNOSIS_RECIPIENT}\" ${X_RECIPIENT}",
                            {{"driving-diagnosis", "age1abc"}}),
            "a \"age1abc\" ${X_RECIPIENT}");
}

TEST(PolicyFillTest, NothingCanBeWrittenIntoThePolicyThroughAKey) {
  const std::string text = "\"${X_RECIPIENT}\"";
  for (const char* value : {"", "a\" essential: true #", "${X_RECIPIENT}", "AGE-SECRET-KEY-1"}) {
    EXPECT_EQ(fill_recipients(text, {{"x", value}}), text);
  }
}

TEST(PolicyFileTest, AFileThatCannotBeReadSaysSo) {
  const SchemaSet schemas;
  EXPECT_THAT(printed(load_policy_file("/nowhere/p", schemas, nullptr).diagnostics),
              HasSubstr("error: /nowhere/p: there is no such file"));
  EXPECT_THAT(printed(load_ceiling_file("/").diagnostics), HasSubstr("can't be read"));
}

}  // namespace
}  // namespace sudare::policy_test
