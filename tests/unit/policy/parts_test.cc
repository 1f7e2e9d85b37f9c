#include "gateway/policy/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A policy that asks for all of it; what else is wrong with it is not looked at here.
constexpr const char* kEverything = R"(language: 1
purpose { name: "a" clips { profile: SKETCH } }
source { topic: "a" codec: JSON }
source { topic: "b" codec: PROTOBUF
  clip_event { file_field: "f" } }
)";

std::string said(const BuildParts& parts) {
  Findings findings("policy.textproto");
  v1::Policy policy;
  Diagnostics diagnostics;
  EXPECT_TRUE(read_text_proto(PolicyReader::key(), "policy.textproto", kEverything, policy,
                              findings.positions(), diagnostics));
  check_parts(policy, parts, findings);
  return policy_test::printed(findings.take());
}

TEST(PolicyParts, AJsonSourceIsRefusedWhereJsonIsNotBuilt) {
  const std::string text = said({true, false, true});
  EXPECT_THAT(text, HasSubstr("policy.textproto:3:"));
  EXPECT_THAT(text, HasSubstr("JSON is not in this build (SUDARE_JSON=OFF)"));
  EXPECT_THAT(text, HasSubstr("hint: send Protobuf"));
  EXPECT_THAT(text, Not(HasSubstr("clips")));
}

TEST(PolicyParts, ClipsAreRefusedWhereTheyAreNotBuilt) {
  const std::string text = said({true, true, false});
  EXPECT_THAT(text, HasSubstr("policy.textproto:2:"));
  EXPECT_THAT(text, HasSubstr("policy.textproto:5:"));
  EXPECT_THAT(text, HasSubstr("clips are not in this build (SUDARE_CLIPS=OFF)"));
  EXPECT_THAT(text, Not(HasSubstr("JSON")));
}

TEST(PolicyParts, NothingIsRefusedWhereEverythingIsBuilt) {
  EXPECT_THAT(said({}), IsEmpty());
  EXPECT_EQ(build_parts(), BuildParts{}) << "tests are of the whole build";
}

}  // namespace
}  // namespace sudare
