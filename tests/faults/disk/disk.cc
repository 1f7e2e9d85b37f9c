#include "tests/faults/disk/disk.h"

#include "base/log.h"

namespace sudare::faults {
namespace {

// The store says what it meets; here that is thousands of lines.
FaultResult power_cuts(const FaultOptions& options) {
  log_setup(LogFormat::kText, LogLevel::kError);
  FaultResult result;
  for (std::uint64_t run = 0; run < options.runs; ++run) {
    power_cut_run(options.seed, run, false, result);
    if (run % 4 == 0) power_cut_run(options.seed, run, true, result);
    if (options.progress) options.progress(run + 1);
  }
  return result;
}

FaultResult torn_rows(const FaultOptions& options) {
  log_setup(LogFormat::kText, LogLevel::kError);
  FaultResult result;
  for (std::uint64_t run = 0; run < options.runs; ++run) {
    torn_rows_run(options.seed, run, result);
    if (options.progress) options.progress(run + 1);
  }
  return result;
}

}  // namespace

std::vector<Fault> disk_faults() {
  return {{"power-cut-modelled",
           "power cut at a random write or sync, unsynced sectors kept at random; control: a disk "
           "that answers a sync without doing it",
           200, 20'000, power_cuts},
          {"torn-rows",
           "bits, sectors or the end of a file rot on a unit that is off; control: rows that are "
           "believed without their checksum",
           200, 20'000, torn_rows}};
}

}  // namespace sudare::faults
