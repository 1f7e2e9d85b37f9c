// Which maker a VIN's first characters name (ISO 3780). A selection: the larger makers of cars that
// have telematics. Used to name the maker when a VIN is generalised, and to trust a VIN-like text
// whose check digit does not hold.
#pragma once

#include <string_view>

#include "base/literal.h"

namespace sudare {

// `wmi`: three characters, capital. Empty where unknown. Pure; any thread.
[[nodiscard]] Literal maker_of(std::string_view wmi);

}  // namespace sudare
