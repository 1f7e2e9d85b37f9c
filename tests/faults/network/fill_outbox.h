// Queued batches by the million, faster than a broker brings messages: the gateway's own stages, in
// this process, on the state directory of a unit whose gateway does not run.
#pragma once

#include <cstdint>

#include "tests/system/gateway/unit.h"

namespace sudare::faults {

// Messages {"seq": 0, 1, …} on test/json, until so many rows are queued. Returns how many messages
// that took. Throws std::runtime_error.
std::uint64_t fill_outbox(const testkit::Unit& unit, std::uint64_t rows);

}  // namespace sudare::faults
