// This area's faults, one file each; process.cc lists them.
#pragma once

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

Fault kill_gateway();
Fault kill_local_broker();
Fault kill_both();
Fault kill_cloud_broker();
Fault syscall_kill();
Fault syscall_error();
Fault disk_full();
Fault inodes_exhausted();
Fault disk_read_only();
Fault quota_reached();
Fault memory_limit();
Fault clock_jumps();

}  // namespace sudare::faults
