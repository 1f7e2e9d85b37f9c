#include "tests/faults/pipeline/pipeline.h"

#include "base/log.h"

namespace sudare::faults {
namespace {

FaultResult run(const FaultOptions& options) {
  log_setup(LogFormat::kText, LogLevel::kError);
  FaultResult result;
  for (std::uint64_t run = 0; run < options.runs; ++run) {
    const std::uint64_t seed = options.seed + run;
    pipeline_seed(seed, Subject::kRight, result);
    if (run % 10 == 9) pipeline_seed(seed, Subject::kAcknowledgesFirst, result);
    if (run % 10 == 5) pipeline_seed(seed, Subject::kLyingDisk, result);
    if (options.progress) options.progress(run + 1);
  }
  return result;
}

}  // namespace

std::vector<Fault> pipeline_faults() {
  return {{"pipeline-seeds",
           "random traffic, consent, policies, clocks, disk and network faults, restarts on a fake "
           "clock, disk and network; control: acknowledges first, or the disk lies",
           150, 10'000, run}};
}

}  // namespace sudare::faults
