// The deterministic pipeline test: the real pipeline, store, reader and sender of one car, over a
// fake clock, disk and network, all under one seed. A seed that fails fails again.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

[[nodiscard]] std::vector<Fault> pipeline_faults();

enum class Subject : std::uint8_t {
  kRight,
  kAcknowledgesFirst,  // the control: it acknowledges what is not on the disk …
  kLyingDisk,          // … or its disk only says so
};

// `seed` is all that a replay needs.
void pipeline_seed(std::uint64_t seed, Subject subject, FaultResult& result);

}  // namespace sudare::faults
