// What a policy asks for that is not in this build. A policy of a fleet of several kinds of units
// is refused by those that can't do all of it: a source that nobody reads would look like a car
// that never says anything.
#pragma once

#include "base/build_parts.h"
#include "gateway/policy/findings.h"
#include "sudare/v1/policy.pb.h"

namespace sudare {

void check_parts(const v1::Policy& policy, const BuildParts& parts, Findings& findings);

}  // namespace sudare
