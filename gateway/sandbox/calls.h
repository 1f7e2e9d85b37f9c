// The system calls that are left to the gateway.
#pragma once

#include "base/result.h"

namespace sudare {

// From here on any other call kills the process (SIGSYS), in every thread. `clips`: those that
// watching a directory and looking after sudare-clip take, too; `hardware_key`: those that a
// PKCS#11 module or a TPM takes. kIo where the kernel has no seccomp. PR_SET_NO_NEW_PRIVS must be
// set.
[[nodiscard]] Status forbid_other_calls(bool clips, bool hardware_key);

}  // namespace sudare
