// The system calls that are left to the gateway.
#pragma once

#include "base/result.h"
#include "base/sandbox/call_filter.h"

namespace sudare {

// The list: what the gateway's work takes; with `clips` also what watching a directory and looking
// after sudare-clip take, with `hardware_key` what a PKCS#11 module or a TPM takes.
void allow_calls(CallFilter& filter, bool clips, bool hardware_key);

// From here on any other call kills the process (SIGSYS), in every thread. kIo where the kernel has
// no seccomp. PR_SET_NO_NEW_PRIVS must be set.
[[nodiscard]] Status forbid_other_calls(bool clips, bool hardware_key);

}  // namespace sudare
