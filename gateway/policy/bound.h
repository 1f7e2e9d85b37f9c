// The ceiling of the device image: checking it, and holding a policy below it. Part of the policy
// reader.
#pragma once

#include "gateway/policy/findings.h"
#include "gateway/policy/policy.h"

namespace sudare {

void check_ceiling_policy(const v1::CeilingPolicy& ceiling, Findings& findings);

// Field by field; what can't be compared is refused.
void check_bounded(const v1::Policy& policy, const v1::CeilingPolicy& ceiling, Findings& findings);

}  // namespace sudare
