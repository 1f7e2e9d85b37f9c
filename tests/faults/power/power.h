// Power cuts: the gateway in a machine of its own (QEMU), its state on a drive with a volatile
// cache, power cut at any moment of its work. Needs no rights.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

std::vector<Fault> power_faults();

// Why the machine can't be had here; empty: it can. Fetches Debian's kernel the first time.
std::string no_power_guest();

}  // namespace sudare::faults
