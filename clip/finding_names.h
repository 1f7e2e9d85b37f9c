// The names of all that verify can find: what a report may say in "what". The process that wrote a
// report may have been taken over by its clip, so that no other text of it goes any further.
#pragma once

#include <string_view>

#include "base/literal.h"

namespace sudare::clip {

inline constexpr Literal kNoFinding = "none";
inline constexpr Literal kOtherFinding = "other";

// The literal that reads `name`; kOtherFinding where there is none. Pure; any thread.
[[nodiscard]] Literal finding_name(std::string_view name);

}  // namespace sudare::clip
