// Bad networks and brokers: the real gateway between real Mosquittos.
#pragma once

#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

std::vector<Fault> network_faults();

}  // namespace sudare::faults
