#include "tests/faults/campaign/report.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {
namespace {

FaultResult good() {
  FaultResult result;
  result.runs = 3;
  result.acknowledged = 300;
  result.control_runs = 1;
  result.control_lost = 5;
  return result;
}

TEST(CampaignReport, AnythingThatIsNotAsItMustBeIsSaid) {
  EXPECT_EQ(verdict(good()), "");
  for (std::uint64_t FaultResult::*counter :
       {&FaultResult::lost, &FaultResult::duplicated, &FaultResult::plaintext}) {
    FaultResult bad = good();
    bad.*counter = 1;
    EXPECT_NE(verdict(bad), "");
  }
  FaultResult result = good();
  result.acknowledged = 299;
  EXPECT_NE(verdict(result), "");
  result = good();
  result.control_lost = 0;
  EXPECT_NE(verdict(result), "");
  result = good();
  result.found("seed 1");
  EXPECT_NE(verdict(result), "");
  EXPECT_NE(verdict(FaultResult()), "");
}

TEST(CampaignReport, RunsOfOneCommitAddUp) {
  const testkit::TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "faults" / "report.json";
  CampaignReport report = read_report(file, "abc");
  EXPECT_TRUE(report.faults.empty());
  report.of("kill", 7).result.add(good());
  write_report(file, report);
  CampaignReport next = read_report(file, "abc");
  next.of("kill", 9).result.add(good());
  EXPECT_EQ(next.faults.size(), 1U);
  EXPECT_EQ(next.faults[0].seed, 7U);
  EXPECT_EQ(next.faults[0].result.runs, 6U);
  EXPECT_EQ(next.faults[0].result.acknowledged, 600U);
  EXPECT_TRUE(read_report(file, "def").faults.empty()) << "another commit's";
}

TEST(CampaignReport, ADamagedFileIsNoReport) {
  const testkit::TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "report.json";
  for (const char* text : {"", "{", R"({"commit": "abc", "faults": [{"name": 1}]})"}) {
    std::ofstream(file, std::ios::trunc) << text;
    EXPECT_TRUE(read_report(file, "abc").faults.empty()) << text;
  }
}

}  // namespace
}  // namespace sudare::faults
