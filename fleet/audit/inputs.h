// The files that tell `sudare audit` what to look for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fleet/audit/audit.h"

namespace sudare {

// A day of fixes of 10,000 cars would not fit; a day of one car, each second, has 86,400.
inline constexpr std::size_t kAuditInputBytesMax = 256 * 1024 * 1024;

// One identifier per line, without white space at its ends; empty lines are left out. kRefused
// (detail: the line) where one is shorter than kIdentifierBytesMin or longer than
// kIdentifierBytesMax.
Result<std::vector<std::string>> parse_identifiers(std::string_view text);

// A position per line: "35.6812345,139.7671234" in decimal degrees, or a JSON object with
// "latitude_e7" and "longitude_e7" (others of its members are left out). Empty lines and lines that
// start with "#" are left out. kMalformed (detail: the line).
Result<std::vector<AuditPosition>> parse_positions(std::string_view text);

}  // namespace sudare
