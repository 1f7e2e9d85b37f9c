#include "sim/attack/subjects.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "crypto/open/identity.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::sim::attack {
namespace {

using testing::HasSubstr;

class AttackSubjects : public testing::Test {
 protected:
  // A policy file with one purpose and one source.
  std::string policy(const std::string& purpose, const std::string& release) {
    const std::string key = age::open_side::Identity::generate().recipient().to_string();
    const std::string file = directory_.path() / "policy.textproto";
    std::ofstream(file) << "language: 1 serial: 1 not_after: \"2099-12-31\"\n"
                        << "purpose { name: \"fleet\" recipient: \"" << key << "\" "
                        << "consent: OPT_IN linger_ms: 900000 batch_bytes_max: 4096 keep_hours: 24 "
                        << purpose << " }\n"
                        << "source { topic: \"vehicle/position\" codec: PROTOBUF message: "
                        << "\"sudare.vehicle.v1.Position\" time_field: \"time_ms\" release { to: "
                        << "\"fleet\" time { bucket_ms: 900000 } " << release << " } }\n";
    return file;
  }
  testkit::TemporaryDirectory directory_;
};

constexpr const char* kPosition =
    "field { path: \"latitude_e7\" } field { path: \"longitude_e7\" } "
    "location { cell: M2000 on_move: true }";

TEST_F(AttackSubjects, ARefusedPolicyIsNotMeasured) {
  AttackOptions options;
  options.policy = policy("ceiling { cell: M2000 }", kPosition);  // no pseudonym rule
  const auto subjects = subjects_of(options);
  ASSERT_FALSE(subjects);
  EXPECT_THAT(subjects.error().to_string(), HasSubstr("the policy is refused"));
}

TEST_F(AttackSubjects, APurposeThatThePolicyDoesNotHaveIsAnError) {
  AttackOptions options;
  options.policy = policy("pseudonym { none {} } ceiling { cell: M2000 }", kPosition);
  options.purpose = "weather";
  const auto subjects = subjects_of(options);
  ASSERT_FALSE(subjects);
  EXPECT_THAT(subjects.error().to_string(), HasSubstr("no purpose \"weather\""));
}

TEST_F(AttackSubjects, KnowsWhatThePolicySays) {
  AttackOptions options;
  options.policy = policy("pseudonym { rotate_days: 28 } ceiling { cell: M2000 }", kPosition);
  const auto subjects = subjects_of(options);
  ASSERT_TRUE(subjects);
  ASSERT_EQ(subjects->tested.size(), 1U);
  const Access& access = subjects->tested[0].access;
  EXPECT_EQ(access.knowledge.cell, v1::M2000);
  EXPECT_EQ(access.knowledge.bucket_ms, 900'000);
  EXPECT_EQ(subjects->tested[0].subject.description,
            "vehicle/position: the centre of a cell of 2 km, only when it changes; times in steps "
            "of 15 min. Another pseudonym every 28 days.");
}

TEST_F(AttackSubjects, APurposeWithoutPositionIsNamedAndNotTested) {
  AttackOptions options;
  options.policy = policy("pseudonym { none {} }", "field { path: \"satellites\" }");
  const auto subjects = subjects_of(options);
  ASSERT_TRUE(subjects);
  EXPECT_TRUE(subjects->tested.empty());
  ASSERT_EQ(subjects->untested.size(), 1U);
  EXPECT_FALSE(subjects->untested[0].positions);
}

TEST_F(AttackSubjects, TheShippedPolicyGivesPositionsToTheTrafficServiceOnly) {
  const auto subjects = subjects_of(AttackOptions{});
  ASSERT_TRUE(subjects);
  std::vector<std::string> tested;
  for (const Tested& one : subjects->tested) tested.push_back(one.subject.name);
  for (const char* mechanism : {"ring 1 km", "mesh 1 km", "strict 2 km", "hazards, ring 1 km"}) {
    EXPECT_THAT(tested, testing::Contains(mechanism));
  }
  EXPECT_TRUE(subjects->refused.empty());
  const auto shipped = std::count_if(tested.begin(), tested.end(), [](const std::string& name) {
    return name.rfind("shipped: ", 0) == 0;
  });
  EXPECT_EQ(shipped, 1);
  EXPECT_THAT(tested, testing::Contains("shipped: traffic"));
  EXPECT_EQ(subjects->untested.size(), 6U);
}

TEST_F(AttackSubjects, AnAttackerKnowsTheRingOfExactPositions) {
  const auto subjects = subjects_of(AttackOptions{});
  ASSERT_TRUE(subjects);
  for (const Tested& one : subjects->tested) {
    if (!one.fine && !one.hazards) continue;
    EXPECT_EQ(one.access.knowledge.cell, v1::EXACT) << one.subject.name;
    EXPECT_EQ(one.access.knowledge.ring, v1::M1000) << one.subject.name;
  }
}

TEST_F(AttackSubjects, TheStrictProfileHasTheStricterBounds) {
  const auto subjects = subjects_of(AttackOptions{});
  ASSERT_TRUE(subjects);
  for (const Tested& one : subjects->tested) {
    const bool strict = one.subject.name == "strict 2 km";
    EXPECT_EQ(one.subject.bounds.size(), strict ? 3U : 2U) << one.subject.name;
  }
}

}  // namespace
}  // namespace sudare::sim::attack
