// The policy in force.
#pragma once

#include <memory>

#include "gateway/policy/policy.h"

namespace sudare {

// Whether a pipeline's policy ends with it. A car's does; ten thousand simulated cars in one
// process use one policy, which outlives them.
struct PolicyEnd {
  PolicyEnd() = default;
  PolicyEnd(std::default_delete<const Policy> /*owner*/) {}  // NOLINT(google-explicit-constructor)
  void operator()(const Policy* policy) const {
    if (!shared) delete policy;
  }
  bool shared = false;
};

// The policy in force. With `essential_only` it is the last one that was valid, kept because the
// present file is not: only its essential purposes are served.
struct PolicyInUse {
  std::unique_ptr<const Policy, PolicyEnd> policy;
  bool essential_only = false;
};

}  // namespace sudare
