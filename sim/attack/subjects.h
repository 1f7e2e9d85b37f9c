// What a run tests: Sudare's mechanisms and the shipped policy, or one policy of somebody's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/policy/load.h"
#include "sim/attack/attackers/goals.h"
#include "sim/attack/knowledge_of.h"
#include "sim/attack/options.h"
#include "sim/attack/report.h"
#include "sim/error.h"

namespace sudare::sim::attack {

// One purpose that receives positions and isn't trusted with them.
struct Tested {
  Subject subject;
  const Policy* policy = nullptr;
  PurposeIndex purpose = 0;
  Profile profile = Profile::kStandard;
  bool fine = false;     // held to the goals of utility of fine positions
  bool hazards = false;  // held to the goals of hazards, not to those of utility
  Access access;
};

// A mechanism that this build's policy check refuses.
struct Refused {
  std::string name;
  std::string why;
};

struct Subjects {
  std::vector<std::unique_ptr<const Policy>> policies;  // of `tested`
  std::vector<Tested> tested;
  std::vector<Tested> placeless;  // services without positions: only joined with others
  std::vector<Subject> untested;  // no positions, or trusted with them
  const Policy* whole = nullptr;  // the shipped policy, or somebody's: of `policies`
  std::vector<Refused> refused;
};

// An error where the policy can't be read or is refused (its diagnostics are on stderr), or has no
// purpose of that name. No purpose with positions is no error: see `untested`.
[[nodiscard]] Parsed<Subjects> subjects_of(const AttackOptions& options);

}  // namespace sudare::sim::attack
