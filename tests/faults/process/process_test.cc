// A short run of each fault of this folder. SUDARE_RUNS: how many instead; SUDARE_SEED: of all that
// is random.
#include "tests/faults/process/process.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/faults/process/small_disk.h"
#include "tests/testkit/sanitized.h"

namespace sudare::faults {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t preset) {
  const char* text = std::getenv(name);
  return text == nullptr ? preset : std::strtoull(text, nullptr, 10);
}

void expect_clean(const std::string& name) {
  for (const Fault& fault : process_faults()) {
    if (fault.name != name) continue;
    FaultOptions options;
    options.runs = number_from_environment("SUDARE_RUNS", fault.short_runs);
    options.seed = number_from_environment("SUDARE_SEED", std::random_device{}());
    std::cout << name << ": seed " << options.seed << ", runs " << options.runs << std::endl;
    const FaultResult result = fault.run(options);
    std::cout << "runs " << result.runs << ", acknowledged " << result.acknowledged << ", lost "
              << result.lost << "; control: runs " << result.control_runs << ", lost "
              << result.control_lost << std::endl;
    EXPECT_THAT(result.findings, testing::IsEmpty());
    EXPECT_GE(result.runs, options.runs);
    EXPECT_GE(result.acknowledged, 100 * result.runs);
    EXPECT_EQ(result.lost, 0U);
    EXPECT_EQ(result.duplicated, 0U);
    EXPECT_EQ(result.plaintext, 0U);
    EXPECT_GT(result.control_lost, 0U);
    return;
  }
  FAIL() << "no fault " << name;
}

TEST(ProcessFaults, KillingTheGatewayLosesNothing) { expect_clean("kill-gateway"); }
TEST(ProcessFaults, KillingTheInVehicleBrokerLosesNothingWithReceipts) {
  expect_clean("kill-local-broker");
}
TEST(ProcessFaults, KillingGatewayAndBrokerLosesNothingWithReceipts) { expect_clean("kill-both"); }
TEST(ProcessFaults, KillingADurableCloudBrokerLosesNothing) { expect_clean("kill-cloud-broker"); }
TEST(ProcessFaults, AKillAtAnySystemCallLosesNothing) { expect_clean("syscall-kill"); }
TEST(ProcessFaults, AnErrorOfAnySystemCallLosesNothing) { expect_clean("syscall-error"); }
class DiskFaults : public testing::Test {
 protected:
  void SetUp() override {
    if (!small_disks_lack().empty()) GTEST_SKIP() << "not run: it needs " << small_disks_lack();
  }
};
TEST_F(DiskFaults, AFullDiskLosesNothing) { expect_clean("disk-full"); }
TEST_F(DiskFaults, ADiskWithoutInodesLosesNothing) { expect_clean("inodes-exhausted"); }
TEST_F(DiskFaults, ADiskThatBecomesReadOnlyLosesNothing) { expect_clean("disk-read-only"); }

TEST(ProcessFaults, AQuotaThatIsReachedLosesNothingWithoutSayingSo) {
  expect_clean("quota-reached");
}
TEST(ProcessFaults, TooLittleMemoryLosesNothing) {
  if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer reserves terabytes";
  expect_clean("memory-limit");
}
TEST(ProcessFaults, AClockThatJumpsLosesNothing) {
  if (testkit::kSanitized)
    GTEST_SKIP() << "not run: libfaketime and a sanitizer exclude each other";
  expect_clean("clock-jumps");
}

}  // namespace
}  // namespace sudare::faults
