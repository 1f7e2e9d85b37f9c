#include "tests/faults/pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace sudare::faults {
namespace {

std::string all_of(const FaultResult& result) {
  std::string text;
  for (const std::string& one : result.findings) text += one + "\n";
  return text;
}

// With SUDARE_SEED: that one alone.
TEST(PipelineSeeds, NothingIsLostRepeatedReorderedOrWritten) {
  const char* const seed = std::getenv("SUDARE_SEED");
  FaultResult result;
  if (seed != nullptr) {
    pipeline_seed(std::strtoull(seed, nullptr, 10), Subject::kRight, result);
    EXPECT_TRUE(result.findings.empty()) << all_of(result);
    return;
  }
  const Fault fault = pipeline_faults().front();
  result = fault.run({fault.short_runs, 1, {}, {}});
  EXPECT_TRUE(result.findings.empty()) << all_of(result);
  EXPECT_EQ(result.lost + result.duplicated + result.plaintext, 0U);
  EXPECT_GE(result.acknowledged, 100 * result.runs);
  EXPECT_GT(result.control_lost, 0U);
}

TEST(PipelineSeeds, ASeedIsTheSameRunEachTime) {
  FaultResult first;
  FaultResult second;
  pipeline_seed(77, Subject::kAcknowledgesFirst, first);
  pipeline_seed(78, Subject::kRight, first);
  pipeline_seed(77, Subject::kAcknowledgesFirst, second);
  pipeline_seed(78, Subject::kRight, second);
  EXPECT_EQ(first.acknowledged, second.acknowledged);
  EXPECT_EQ(first.control_lost, second.control_lost);
}

}  // namespace
}  // namespace sudare::faults
