// A car's VIN and frame number as people write them, made comparable: full width, spaces, dashes
// and case do not tell two apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fleet/provision/provision.h"

namespace sudare {

// "vin:JTDKB20U793012345", "frame:ZVW301234567", "frame:国[01]00001国". What is no VIN or frame
// number is compared without spaces and dashes, in capitals; empty where nothing is left of it.
// Personal: never printed or logged.
[[nodiscard]] std::string vin_name(std::string_view text);
[[nodiscard]] std::string frame_name(std::string_view text);

// The names under which a record's car may be asked for: one or two.
[[nodiscard]] std::vector<std::string> names_of(const CarIdentity& identity);

}  // namespace sudare
