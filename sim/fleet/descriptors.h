// How many connections this process may hold.
#pragma once

#include <cstddef>

#include "sim/error.h"

namespace sudare::sim::fleet {

// Raises the process's limit of descriptors as far as it may, and returns how many cars can be
// connected at a time. An error where `cars` are all to be connected and can't be.
[[nodiscard]] Parsed<std::size_t> descriptors_for_cars(std::size_t cars, bool all_at_once);

}  // namespace sudare::sim::fleet
