#include "tests/faults/disk/disk.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace sudare::faults {
namespace {

std::string all_of(const FaultResult& result) {
  std::string text;
  for (const std::string& one : result.findings) text += one + "\n";
  return text;
}

class DiskFaults : public ::testing::TestWithParam<Fault> {};

INSTANTIATE_TEST_SUITE_P(All, DiskFaults, ::testing::ValuesIn(disk_faults()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

// With SUDARE_SEED and SUDARE_RUN: that run alone.
TEST_P(DiskFaults, LoseNothing) {
  const Fault& fault = GetParam();
  const char* const seed = std::getenv("SUDARE_SEED");
  const char* const run = std::getenv("SUDARE_RUN");
  if (seed != nullptr && run != nullptr) {
    const auto number = [](const char* text) { return std::strtoull(text, nullptr, 10); };
    FaultResult result;
    if (fault.name == "torn-rows") torn_rows_run(number(seed), number(run), result);
    else power_cut_run(number(seed), number(run), false, result);
    EXPECT_TRUE(result.findings.empty()) << all_of(result);
    return;
  }
  const FaultResult result = fault.run({fault.short_runs, 1, {}, {}});
  EXPECT_TRUE(result.findings.empty()) << all_of(result);
  EXPECT_EQ(result.lost + result.duplicated + result.plaintext, 0U);
  EXPECT_GE(result.acknowledged, 100 * result.runs);
  EXPECT_GT(result.control_lost, 0U);
}

}  // namespace
}  // namespace sudare::faults
