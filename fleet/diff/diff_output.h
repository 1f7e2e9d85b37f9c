// Shows what policy_diff.h found: to a person, or to a program. What the policy's author wrote
// can't hide a line or make one up: see base/printable.h.
#pragma once

#include <string>
#include <vector>

#include "fleet/diff/policy_diff.h"

namespace sudare {

// "releases more:", "releases less:" and "other changes:" with their changes below, where there are
// any; or that there are none.
[[nodiscard]] std::string diff_text(const std::vector<PolicyChange>& changes);

// {"effect","where","text"}: a line of JSON in ASCII per change, in the same order; `effect` is
// more, less or other.
[[nodiscard]] std::string diff_json(const std::vector<PolicyChange>& changes);

}  // namespace sudare
