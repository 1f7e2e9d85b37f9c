// One record of CSV (RFC 4180), strictly: a quote stands at the start and end of a field or is
// doubled inside one. A record is one line here: no line break in a field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sudare {

// A line of four short fields; anything longer is no such line, and is not parsed.
inline constexpr std::size_t kCsvLineBytesMax = 4096;
inline constexpr std::size_t kCsvFieldsMax = 16;

// The fields of a line without its end. kTooLarge; kMalformed: a quote out of place, a control
// character, or text that is not UTF-8; detail: the byte, from 1; what was read is wiped. Pure; any
// thread.
[[nodiscard]] Result<std::vector<std::string>> csv_fields(std::string_view line);

}  // namespace sudare
