// A policy for tests of the tools: one JSON topic released to a purpose without pseudonym and to
// one with, and positions.
#pragma once

#include <memory>
#include <string>

#include "gateway/policy/load.h"

namespace sudare::fleet_test {

// "anonymous" gets state; "service" gets state, km by thousands, and id as a pseudonym.
std::string small_policy_text();

// Throws where it doesn't load.
std::unique_ptr<const Policy> small_policy();

}  // namespace sudare::fleet_test
