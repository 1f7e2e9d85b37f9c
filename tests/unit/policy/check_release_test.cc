#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

const char* const kPosition =
    "classify { path: \"lat\" class: LATITUDE unit: DEGREES }"
    "classify { path: \"lon\" class: LONGITUDE unit: DEGREES }"
    "classify { path: \"n\" class: NOT_PERSONAL }"
    "classify { path: \"t\" class: TIMESTAMP unit: SECONDS }";
const char* const kBoth = "field { path: \"lat\" } field { path: \"lon\" }\n";

std::string to(const std::string& purpose, const std::string& rules) {
  return with_sources(json_source(kPosition, purpose, rules));
}

TEST(PolicyReleaseTest, HalfAPositionIsRefused) {
  expect_refused(to("service", "field { path: ^\"lat\" } location { cell: M1000 }"),
                 "half a position");
  expect_refused(to("owner", "field { path: ^\"lon\" } location { cell: EXACT }"),
                 "half a position");
  expect_accepted(to("service", std::string(kBoth) + "location { cell: M1000 }"));
}

TEST(PolicyReleaseTest, PositionsOfOneObjectMustBeToldApart) {
  const std::string classes = std::string(kPosition) +
                              "classify { path: \"lat2\" class: LATITUDE unit: DEGREES GROUP }"
                              "classify { path: \"lon2\" class: LONGITUDE unit: DEGREES GROUP }";
  const std::string rules =
      "field { path: MARK\"lat\" } field { path: \"lon\" } field { path: \"lat2\" } field { path: "
      "\"lon2\" } location { cell: M1000 }";
  const auto with = [&](const std::string& group, const std::string& mark) {
    std::string text = with_sources(json_source(classes, "service", replaced(rules, "MARK", mark)));
    for (int i = 0; i < 2; ++i) text.replace(text.find("GROUP"), 5, group);
    return text;
  };
  expect_refused(with("", "^"), "several positions are mixed up");
  expect_accepted(with("group: \"second\"", ""));
}

TEST(PolicyReleaseTest, BothCoordinatesHaveOneUnit) {
  expect_refused(
      with_sources(json_source("classify { path: \"lat\" class: LATITUDE unit: DEGREES }"
                               "classify { path: \"lon\" class: LONGITUDE unit: DEGREES_E7 }",
                               "service",
                               "field { path: ^\"lat\" } field { path: \"lon\" } "
                               "location { cell: M1000 }")),
      "different units");
}

TEST(PolicyReleaseTest, APositionNeedsALocationRule) {
  // There is no rule to point at: the release itself is marked.
  const std::string text = to("service", kBoth);
  expect_refused(replaced(text, "release {", "^release {"), "position without a location rule");
  expect_refused(to("service", std::string(kBoth) + "^location { on_move: true }"),
                 "position without a location rule");
}

TEST(PolicyReleaseTest, ALocationRuleWithoutPositionCannotBeReached) {
  expect_refused(to("service", "field { path: \"n\" } ^location { cell: M1000 }"),
                 "this location rule can't be reached");
  expect_accepted(to("service", "field { path: \"n\" }"));
}

TEST(PolicyReleaseTest, ACellFinerThanTheCeilingIsRefused) {
  expect_refused(to("service", std::string(kBoth) + "location { cell: ^M500 }"),
                 "tells more than the ceiling of \"service\"");
  for (const char* cell : {"M1000", "M2000", "M5000", "M10000", "M80000"}) {
    expect_accepted(to("service", std::string(kBoth) + "location { cell: " + cell + " }"));
  }
}

TEST(PolicyReleaseTest, ACellThatCannotBeComparedWithTheCeilingIsRefused) {
  const std::string text = to("service", std::string(kBoth) + "location { cell: ^M5000 }");
  expect_refused(replaced(text, "cell: M1000 time_bucket_ms", "cell: M2000 time_bucket_ms"),
                 "tells more than the ceiling");
}

TEST(PolicyReleaseTest, WithoutACellInTheCeilingThereIsNoPosition) {
  const std::string text = to("service", std::string(kBoth) + "location { cell: ^M80000 }");
  expect_refused(replaced(text, "cell: M1000 time_bucket_ms", "time_bucket_ms"),
                 "allows no position");
}

TEST(PolicyReleaseTest, ExactPositionsAreForTheTrusted) {
  expect_refused(to("service", std::string(kBoth) + "location { cell: ^EXACT }"),
                 "an exact position for \"service\"");
  expect_accepted(to("owner", std::string(kBoth) + "location { cell: EXACT }"));
  expect_accepted(to("rescue", std::string(kBoth) + "location { cell: EXACT }"));
}

TEST(PolicyReleaseTest, FineCellsAreWarnedOf) {
  const std::string text = replaced(to("service", std::string(kBoth) + "location { cell: M500 }"),
                                    "cell: M1000 time_bucket_ms", "cell: M125 time_bucket_ms");
  const PolicyLoad result = load(text);
  EXPECT_NE(result.policy, nullptr);
  EXPECT_THAT(printed(result.diagnostics), testing::HasSubstr("cells under 1 km give homes away"));
}

TEST(PolicyReleaseTest, LongPseudonymsAreWarnedOf) {
  const std::string rules = std::string(kBoth) + "location { cell: M1000 } time { bucket_ms: ";
  const std::string long_lived =
      replaced(to("service", rules + "900000 }"), "rotate_days: 28", "rotate_days: 91");
  EXPECT_THAT(printed(load(long_lived).diagnostics), testing::HasSubstr("more than 28 days"));
  const std::string fine_times = to("service", rules + "60000 }");
  EXPECT_THAT(printed(load(fine_times).diagnostics), testing::HasSubstr("show habits"));
  const std::string neither = printed(load(to("service", rules + "900000 }")).diagnostics);
  EXPECT_THAT(neither, testing::Not(testing::HasSubstr("28 days")));
  EXPECT_THAT(neither, testing::Not(testing::HasSubstr("show habits")));
}

TEST(PolicyReleaseTest, EveryReleaseNeedsATimeRule) {
  const auto without = [](const std::string& field) {
    return replaced(to("owner", "field { path: \"" + field + "\" } ^time { }"), "^time { }", "");
  };
  expect_refused(replaced(without("t"), "release {", "^release {"),
                 "a time is named and the release has no time rule");
  expect_refused(replaced(without("n"), "release {", "^release {"), "without time rule");
  expect_accepted(to("owner", "field { path: \"t\" } time { exact: true }"));
}

TEST(PolicyReleaseTest, TimesAreHeldToTheCeiling) {
  expect_refused(to("service", "field { path: \"t\" } ^time { bucket_ms: 59999 }"),
                 "the time is finer than the ceiling");
  expect_refused(to("service", "field { path: \"t\" } ^time { exact: true }"),
                 "the time is finer than the ceiling");
  expect_refused(to("owner", "field { path: \"t\" } ^time { exact: true bucket_ms: 5 }"),
                 "exact and in a bucket");
  expect_accepted(to("service", "field { path: \"t\" } time { bucket_ms: 60000 }"));
}

TEST(PolicyReleaseTest, ALingerShorterThanTheBucketIsRefused) {
  expect_refused(to("anonymous", "field { path: \"n\" } time { bucket_ms: ^60001 }"),
                 "the linger of \"anonymous\", 60000 ms, is shorter than this bucket");
  expect_accepted(to("anonymous", "field { path: \"n\" } time { bucket_ms: 60000 }"));
}

TEST(PolicyReleaseTest, AnEssentialPurposeWaitsForNoBucket) {
  expect_refused(to("rescue", "field { path: \"n\" } time { bucket_ms: ^60000 }"),
                 "an essential purpose waits for no bucket");
}

TEST(PolicyReleaseTest, ExactTimesBesideCellsAreRefused) {
  expect_refused(
      to("anonymous", std::string(kBoth) + "location { cell: M1000 } time { exact: ^true }"),
      "exact times beside cells");
  expect_accepted(to("anonymous", "field { path: \"n\" } time { exact: true }"));
}

TEST(PolicyReleaseTest, BucketsAndIntervalsHaveLimits) {
  expect_refused(to("service", "field { path: \"n\" } time { bucket_ms: ^86400001 }"),
                 "the bucket is too long");
  expect_refused(to("service", "field { path: \"n\" } rate { min_interval_ms: ^86400001 }"),
                 "the interval is too long");
  expect_accepted(to("service", "field { path: \"n\" } rate { min_interval_ms: 86400000 }"));
}

TEST(PolicyReleaseTest, ARuleThatAnotherHidesIsRefused) {
  expect_refused(to("service", "field { path: \"n\" } field { path: ^\"n\" coarsen { step: 5 } }"),
                 "this rule can't be reached");
}

TEST(PolicyReleaseTest, NothingIsReleasedToNobody) {
  expect_refused(
      replaced(to("service", "field { path: \"n\" }"), "to: \"service\"", "to: ^\"servce\""),
      "no purpose \"servce\"");
  expect_refused(
      replaced(to("service", "field { path: \"n\" }"), "release { to: \"service\"", "^release {"),
      "names no purpose");
}

TEST(PolicyReleaseTest, ASecondReleaseToTheSamePurposeIsRefused) {
  const auto with = [](const std::string& second) {
    return replaced(to("service", "field { path: \"n\" }"), "release { to: \"service\"",
                    "release { to: " + second +
                        " field { path: \"n\" } time { bucket_ms: 60000 } }\n"
                        "release { to: \"service\"");
  };
  expect_refused(
      replaced(with("\"service\""), "release { to: \"service\"\n", "release { to: ^\"service\"\n"),
      "already releases to \"service\"");
  expect_accepted(with("\"owner\""));
}

TEST(PolicyReleaseTest, EmptySourcesAndReleasesAreRefused) {
  expect_refused(with_sources("^source { topic: \"a\" codec: JSON }"), "releases nothing");
  expect_refused(replaced(to("service", ""), "release {", "^release {"), "names no field");
}

std::string captured(const std::string& personal, const std::string& purpose,
                     const std::string& level) {
  return with_sources(replaced(json_source("classify { level: \"id\" class: " + personal +
                                               " } classify { path: \"n\" class: NOT_PERSONAL }",
                                           purpose, "field { path: \"n\" } " + level),
                               "\"car/json\"", "\"tesla/{id}/x\""));
}

TEST(PolicyReleaseTest, KeysOfAJsonObjectAreAsPersonalAsItsValues) {
  const auto with = [](const std::string& purpose, const std::string& path,
                       const std::string& personal, const std::string& rest) {
    return with_sources(json_source("classify { path: \"users.*" + path + "\" class: " + personal +
                                        " } " + (path.empty() ? "" : "CLASSIFY"),
                                    purpose,
                                    "field { path: ^\"users.*" + path + "\" " + rest + " }"));
  };
  const auto plain = [](const std::string& text) { return replaced(text, "^", ""); };
  expect_refused(with("service", "", "ACCOUNT_ID", "pseudonymize {}"),
                 "\"keys of users.*\" of class ACCOUNT_ID is released to \"service\"");
  expect_accepted(plain(with("owner", "", "ACCOUNT_ID", "")));
  expect_accepted(plain(with("service", "", "NOT_PERSONAL", "")));
  expect_refused(with("service", "", "TIMESTAMP unit: SECONDS", ""), "\"keys of users.*\"");

  const std::string inside = with("service", ".account", "ACCOUNT_ID", "pseudonymize {}");
  expect_refused(replaced(inside, "CLASSIFY", ""), "\"keys of users.*\" of class ACCOUNT_ID");
  expect_refused(replaced(inside, "CLASSIFY", "classify { path: \"users.*\" class: PHONE }"),
                 "\"keys of users.*\" of class PHONE");
  expect_accepted(
      plain(replaced(inside, "CLASSIFY", "classify { path: \"users.*\" class: NOT_PERSONAL }")));
}

TEST(PolicyReleaseTest, TopicLevelsAreMinimisedLikeFields) {
  expect_refused(captured("VIN", "service", "^level { name: \"id\" }"), "without being minimised");
  expect_refused(captured("EMAIL", "owner", "^level { name: \"id\" }"), "may leave for nobody");
  expect_refused(captured("UNCLASSED", "owner", "^level { name: \"id\" }"), "has no class");
  expect_refused(captured("LATITUDE", "service", "^level { name: \"id\" }"),
                 "positions and times in a topic");
  expect_accepted(captured("VIN", "service", "level { name: \"id\" pseudonymize {} }"));
  expect_accepted(captured("VIN", "service", "level { name: \"id\" generalize {} }"));
  expect_accepted(captured("VIN", "owner", "level { name: \"id\" keep {} }"));
  expect_accepted(captured("VIN", "service", ""));
}

TEST(PolicyReleaseTest, ALevelRuleMustNameACaptureOnce) {
  expect_refused(captured("VIN", "owner", "level { name: ^\"vin\" }"), "captures no level \"vin\"");
  expect_refused(captured("VIN", "owner", "level { name: \"id\" } level { name: ^\"id\" }"),
                 "named twice");
}

TEST(PolicyReleaseTest, PlansCarryTheRules) {
  const PolicyLoad result = load(replaced(
      captured("VIN", "service",
               "level { name: \"id\" pseudonymize {} } rate { min_interval_ms: 5 } time { "
               "bucket_ms: 900000 }"),
      "field { path: \"n\" }", "field { path: \"n\" coarsen { step: 2 least: 1 most: 9 } }"));
  ASSERT_NE(result.policy, nullptr) << printed(result.diagnostics);
  const SourcePlan& source = result.policy->sources.at(0);
  EXPECT_EQ(source.topic_filter, "tesla/+/x");
  const ReleasePlan& plan = source.releases.at(0);
  EXPECT_EQ(plan.purpose, 0);
  EXPECT_EQ(plan.rules.at(1).action, Action::kCoarsen);
  EXPECT_EQ(plan.rules.at(1).most, 9);
  EXPECT_EQ(plan.rules.at(0).action, Action::kDrop);
  EXPECT_EQ(plan.level_rules.at(0).action, Action::kKeep);
  EXPECT_EQ(plan.level_rules.at(1).action, Action::kPseudonymize);
  EXPECT_EQ(plan.bucket_ms, 900000U);
  EXPECT_EQ(result.policy->purposes.at(0).bucket_ms, 900000U);
  EXPECT_EQ(find_source(*result.policy, "tesla/5/x"), &source);
  EXPECT_EQ(find_source(*result.policy, "tesla/5/y"), nullptr);
}

TEST(PolicyReleaseTest, ALevelWithoutRuleIsDropped) {
  const PolicyLoad result = load(captured("VIN", "service", ""));
  ASSERT_NE(result.policy, nullptr);
  EXPECT_EQ(result.policy->sources[0].releases[0].level_rules[1].action, Action::kDrop);
}

}  // namespace
}  // namespace sudare::policy_test
