#include "tests/faults/process/process.h"

#include "tests/faults/process/faults.h"

namespace sudare::faults {

std::vector<Fault> process_faults() {
  return {kill_gateway(),   kill_local_broker(), kill_both(),    kill_cloud_broker(),
          syscall_kill(),   syscall_error(),     disk_full(),    inodes_exhausted(),
          disk_read_only(), quota_reached(),     memory_limit(), clock_jumps()};
}

}  // namespace sudare::faults
