// Faults that are about how much waits: days without a network, and a queue of a million batches.
#pragma once

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

Fault long_outage();
Fault backlog();

}  // namespace sudare::faults
