// Sudare's own mechanisms as policies, so that they are measured through the same loader, check and
// gateway code as anybody's policy. They are test objects: deploy/policies has what to ship.
#pragma once

#include <string>
#include <vector>

namespace sudare::sim::attack {

struct MechanismPolicy {
  std::string name;  // of what is tested: "ring 1 km"
  std::string text;  // a policy with one purpose, complete but for "${PROBE_RECIPIENT}"
  bool strict = false;
  bool fine = false;     // positions each second: the goals of their utility are for it
  bool hazards = false;  // the goals of hazards are for it
};

[[nodiscard]] std::vector<MechanismPolicy> mechanism_policies();

}  // namespace sudare::sim::attack
