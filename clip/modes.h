// What sudare-clip can be asked to do, each in its sandbox. Once per process.
#pragma once

#include "clip/options.h"
#include "clip/report.h"

namespace sudare::clip {

// Enters the sandbox, reads descriptor 0, writes descriptor 1.
[[nodiscard]] Report run(const Options& options);

}  // namespace sudare::clip
