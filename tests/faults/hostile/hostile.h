// Hostile peers: brokers that send anything, to the real gateway.
#pragma once

#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

std::vector<Fault> hostile_faults();

}  // namespace sudare::faults
