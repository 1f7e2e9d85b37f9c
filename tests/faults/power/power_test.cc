#include "tests/faults/power/power.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/faults/power/drive.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {
namespace {

// SUDARE_CUTS: how many, two or more; a handful by default. SUDARE_SEED: what everything random
// follows from.
std::uint64_t number_from_environment(const char* name, std::uint64_t preset) {
  const char* text = std::getenv(name);
  return text == nullptr ? preset : std::strtoull(text, nullptr, 10);
}

TEST(PowerFaults, NothingAcknowledgedIsLostAndControlsLose) {
  if (const std::string reason = no_power_guest(); !reason.empty())
    GTEST_SKIP() << "not run: " << reason;
  if (!missing_power_package().empty()) SUDARE_NOT_RUN(missing_power_package());
  for (const Fault& fault : power_faults()) {
    const testkit::TemporaryDirectory directory;
    FaultOptions options;
    options.runs = number_from_environment("SUDARE_CUTS", fault.short_runs);
    options.seed = number_from_environment("SUDARE_SEED", std::random_device{}());
    options.progress = [](std::uint64_t done) { std::cout << done << " cuts\n" << std::flush; };
    options.directory = directory.path();
    const FaultResult result = fault.run(options);
    std::cout << fault.name << ": seed " << options.seed << ", acknowledged " << result.acknowledged
              << ", controls lost " << result.control_lost << "\n";
    EXPECT_EQ(result.findings, std::vector<std::string>());
    EXPECT_EQ(result.runs, options.runs);
    EXPECT_EQ(result.lost, 0U);
    EXPECT_EQ(result.duplicated, 0U);
    EXPECT_EQ(result.plaintext, 0U);
    EXPECT_GE(result.acknowledged, 100 * result.runs);
    EXPECT_GT(result.control_lost, 0U);
  }
}

using Bytes = std::vector<std::uint8_t>;

TEST(PowerDrive, LosesWhatWasNotFlushedAndKeepsWhatWas) {
  const Bytes ones(kSectorBytes, 1);
  std::size_t kept = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Drive drive(Bytes(2 * kSectorBytes, 0));
    std::mt19937_64 random(seed);
    drive.write(0, ones);
    drive.flush(1);
    drive.write(kSectorBytes, ones);
    drive.cut();
    EXPECT_FALSE(drive.write(0, ones));
    drive.restart(random);
    EXPECT_EQ(drive.medium()[0], 1);
    kept += drive.medium()[kSectorBytes] == 1 ? 1 : 0;
  }
  EXPECT_GT(kept, 10U);
  EXPECT_LT(kept, 90U);
}

TEST(PowerDrive, AFlushIsForWritesThatWereAnsweredBefore) {
  Drive drive(Bytes(2 * kSectorBytes, 0));
  drive.write(0, Bytes(kSectorBytes, 1));
  drive.write(kSectorBytes, Bytes(kSectorBytes, 1));
  drive.flush(1);
  EXPECT_EQ(drive.medium()[0], 1);
  EXPECT_EQ(drive.medium()[kSectorBytes], 0);
  EXPECT_EQ(drive.with_cache()[kSectorBytes], 1);
}

TEST(PowerDrive, CanBeCutInTheMiddleOfAFlush) {
  for (const bool after : {false, true}) {
    Drive drive(Bytes(kSectorBytes, 0));
    drive.cut_at_flush(2, after);
    EXPECT_TRUE(drive.flush(0));
    drive.write(0, Bytes(kSectorBytes, 1));
    EXPECT_FALSE(drive.flush(1));
    EXPECT_TRUE(drive.wait_cut(std::chrono::milliseconds(0)));
    EXPECT_EQ(drive.medium()[0], after ? 1 : 0);
  }
}

}  // namespace
}  // namespace sudare::faults
