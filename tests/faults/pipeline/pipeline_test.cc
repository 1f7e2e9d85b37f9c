#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/faults/pipeline/pipeline.h"

namespace sudare::faults {
namespace {
TEST(PipelineFaults, Try) {
  const char* n = std::getenv("RUNS");
  const char* s = std::getenv("SEED");
  for (const Fault& f : pipeline_faults()) {
    auto result =
        f.run({n ? std::strtoull(n, 0, 0) : f.short_runs, s ? std::strtoull(s, 0, 0) : 1, {}, {}});
    std::printf("%s runs %zu acked %zu lost %zu dup %zu plain %zu control %zu/%zu\n",
                f.name.c_str(), result.runs, result.acknowledged, result.lost, result.duplicated,
                result.plaintext, result.control_lost, result.control_runs);
    for (auto& t : result.findings) std::printf("%s\n", t.c_str());
  }
}
}  // namespace
}  // namespace sudare::faults
