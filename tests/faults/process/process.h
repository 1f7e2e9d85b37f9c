// Faults of a unit's processes: the gateway, the brokers, the calls that the gateway makes of the
// system, its disk, its memory and its clock.
#pragma once

#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

std::vector<Fault> process_faults();

}  // namespace sudare::faults
