// Sudare's own mechanisms as policies, so that they are measured through the same loader, check and
// gateway code as anybody's policy. They are test objects: deploy/policies has what to ship.
#pragma once

#include <string>
#include <vector>

namespace sudare::sim::attack {

struct MechanismPolicy {
  std::string name;  // of what is tested: "ring 1 km"
  // A policy whose first purpose is what is tested; complete but for "${PROBE_RECIPIENT}" and
  // "${LAMPS_RECIPIENT}".
  std::string text;
  bool strict = false;
  bool fine = false;     // positions to a few metres: the goals of their utility are for it
  bool hazards = false;  // the goals of hazards are for it
};

[[nodiscard]] std::vector<MechanismPolicy> mechanism_policies();

}  // namespace sudare::sim::attack
