#include "tests/faults/disk/disk.h"
#include <gtest/gtest.h>
#include <cstdio>
#include <cstdlib>

namespace sudare::faults {
namespace {
TEST(DiskFaults, Try) {
  const char* n = std::getenv("RUNS");
  const char* s = std::getenv("SEED");
  const char* r = std::getenv("RUN");
  if (r) {
    FaultResult result;
    power_cut_run(std::strtoull(s, 0, 0), std::strtoull(r, 0, 0), false, result);
    for (auto& f : result.findings) std::printf("%s\n", f.c_str());
    return;
  }
  for (const Fault& f : disk_faults()) {
    auto result =
        f.run({n ? std::strtoull(n, 0, 0) : f.short_runs, s ? std::strtoull(s, 0, 0) : 1, {}, {}});
    std::printf("%s runs %zu acked %zu lost %zu control %zu/%zu\n", f.name.c_str(), result.runs,
                result.acknowledged, result.lost, result.control_lost, result.control_runs);
    for (auto& t : result.findings) std::printf("%s\n", t.c_str());
  }
}
}  // namespace
}  // namespace sudare::faults
