// A short version of each hostile peer at random.
#include "tests/faults/hostile/hostile.h"

#include <gtest/gtest.h>

#include <string>

namespace sudare::faults {
namespace {

class HostilePeer : public testing::TestWithParam<std::size_t> {};

TEST_P(HostilePeer, LosesNothingThatWasAcknowledged) {
  const Fault fault = hostile_faults().at(GetParam());
  FaultOptions options;
  options.runs = fault.short_runs;
  options.seed = 1;
  const FaultResult result = fault.run(options);
  for (const std::string& finding : result.findings) ADD_FAILURE() << finding;
  EXPECT_EQ(result.runs, fault.short_runs);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.plaintext, 0U);
  EXPECT_GE(result.acknowledged, 100 * result.runs);
  EXPECT_GT(result.control_lost, 0U);
}

INSTANTIATE_TEST_SUITE_P(Faults, HostilePeer, testing::Values(0U, 1U), [](const auto& info) {
  return std::string(info.param == 0 ? "Local" : "Cloud");
});

}  // namespace
}  // namespace sudare::faults
