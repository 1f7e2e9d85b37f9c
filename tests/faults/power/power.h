// Power cuts: the gateway in a machine of its own (QEMU), its state on a drive with a volatile
// cache, power cut at any moment of its work. Needs no rights.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

std::vector<Fault> power_faults();

// The package without which there is no machine; empty: all are there.
std::string missing_power_package();

// Why there can be no machine: a sanitizer, another processor. Empty: there can. That it can't be
// made all the same is an exception of the fault's run.
std::string no_power_guest();

}  // namespace sudare::faults
