// The system calls that are left.
#pragma once

#include "base/result.h"
#include "clip/sandbox.h"

namespace sudare::clip {

// From here on any other call kills the process (SIGSYS). kIo where the kernel has no seccomp.
// PR_SET_NO_NEW_PRIVS must be set.
Status forbid_other_calls(SandboxInput input);

}  // namespace sudare::clip
