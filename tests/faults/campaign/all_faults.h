// The campaign's faults, in the order of its table.
#pragma once

#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

[[nodiscard]] std::vector<Fault> all_faults();

}  // namespace sudare::faults
