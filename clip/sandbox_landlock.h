// Landlock (kernel 5.13 and later): no file, no TCP port, no signal and no abstract socket beyond
// this process. A second wall behind the system call filter, and one that holds for paths.
#pragma once

#include "base/result.h"
#include "clip/sandbox.h"

namespace sudare::clip {

// Forbids everything that the kernel's version can forbid. 0 where it has none or it is switched
// off. kIo where it has one and it fails. PR_SET_NO_NEW_PRIVS must be set.
Result<LandlockVersion> forbid_by_landlock();

}  // namespace sudare::clip
