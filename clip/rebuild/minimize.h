// `sudare-clip minimize`: one clip on descriptor 0, rebuilt onto descriptor 1. Inside the sandbox.
#pragma once

#include "clip/options.h"
#include "clip/rebuild/clip_file.h"
#include "clip/report.h"
#include "clip/sandbox.h"

namespace sudare::clip::rebuild {

// What the work takes, before the sandbox closes.
[[nodiscard]] SandboxLimits minimize_limits(const Options& options, const ClipFile& file);

// Reads, rebuilds, writes. What was written counts only where the report's outcome is kOk.
[[nodiscard]] Report minimize(const Options& options, const ClipFile& file);

}  // namespace sudare::clip::rebuild
