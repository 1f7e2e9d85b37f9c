// What an attacker reads in a policy, or knows of a naive mechanism.
#pragma once

#include <string>

#include "gateway/policy/policy.h"
#include "sim/attack/attackers/knowledge.h"
#include "sim/attack/world/naive.h"

namespace sudare::sim::attack {

// What a purpose receives, as far as position goes.
struct Access {
  bool positions = false;
  bool trusted = false;   // essential, or not a service: may receive exact positions
  std::string described;  // "the centre of a cell of 1 km, once per cell; times in steps of 60 s"
  Knowledge knowledge;    // of the finest cell among its releases
};

[[nodiscard]] Access access_of(const Policy& policy, PurposeIndex purpose);

[[nodiscard]] Knowledge knowledge_of(Mechanism mechanism);

}  // namespace sudare::sim::attack
