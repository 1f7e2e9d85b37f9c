// The policies of deploy/ are accepted, without a warning that an operator would have to explain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/testkit/fixtures.h"
#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

TEST(PolicyShippedTest, TheProbeIsAcceptedWithKeysOfItsOwn) {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  const std::string text = testkit::read_file(std::string(source == nullptr ? "." : source) +
                                              "/deploy/policies/probe.textproto");
  const std::map<std::string, std::string> keys = {
      {"probe", recipient(1)}, {"hazard", recipient(2)}, {"insurance", recipient(3)}};
  const PolicyLoad result = load(fill_recipients(text, keys));
  EXPECT_NE(result.policy, nullptr);
  EXPECT_THAT(printed(result.diagnostics), testing::Not(testing::HasSubstr("error:")));
}

}  // namespace
}  // namespace sudare::policy_test
