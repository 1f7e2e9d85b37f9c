#include <gtest/gtest.h>

#include <fstream>

#include "tests/faults/rig/canary.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {
namespace {

TEST(Canaries, AreFoundInWhatACarSays) {
  EXPECT_EQ(canaries_in(numbered_json(7)), 4U);
  EXPECT_EQ(canaries_in("{\"seq\": 7}"), 0U);
}

TEST(Canaries, AreFoundAnywhereInAFileOnce) {
  const testkit::TemporaryDirectory directory;
  for (const std::size_t at : {0UL, 17UL, (1UL << 20) - 3, (1UL << 20) + 5, (3UL << 20) - 20}) {
    std::string bytes(3UL << 20, 'x');
    bytes.replace(at, kCanaryVin.size(), kCanaryVin);
    std::ofstream(directory.path() / "image", std::ios::binary) << bytes;
    EXPECT_EQ(canaries_below(directory.path()), 1U) << at;
  }
}

TEST(Canaries, AreFoundInAFilesName) {
  const testkit::TemporaryDirectory directory;
  std::ofstream(directory.path() / "core.CANARY") << "";
  EXPECT_EQ(canaries_below(directory.path()), 1U);
}

}  // namespace
}  // namespace sudare::faults
