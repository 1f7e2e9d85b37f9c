// Faults of the disk under the real store: a power cut at any write or sync, with a page cache that
// keeps of the rest what it likes; and bytes that rot.
#pragma once

#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

[[nodiscard]] std::vector<Fault> disk_faults();

// One run each, for a replay; what was found is in the result.
void power_cut_run(std::uint64_t seed, std::uint64_t run, bool lying, FaultResult& result);
void torn_rows_run(std::uint64_t seed, std::uint64_t run, FaultResult& result);

}  // namespace sudare::faults
