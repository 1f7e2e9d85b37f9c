// Latitude and longitude as messages hold them, to 1e-7 degrees and back. A released centre is
// written in the unit in which the position came. Only converts: range and (0, 0) are cell.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sudare/v1/privacy.pb.h"

namespace sudare {

enum class Axis : std::uint8_t { kLatitude, kLongitude };

// Units: DEGREES (also where none is stated), DEGREES_E7, DEGREES_E6, NMEA_DDMM. Pure; any thread.

// Nothing: not finite, beyond ±360°, minutes of 60 or more, text that is no decimal number, another
// unit.
[[nodiscard]] std::optional<std::int64_t> e7_of_number(double value, v1::Unit unit);
[[nodiscard]] std::optional<std::int64_t> e7_of_integer(std::int64_t value, v1::Unit unit);
[[nodiscard]] std::optional<std::int64_t> e7_of_text(std::string_view text, v1::Unit unit);

// `e7` within ±360°. NMEA_DDMM is rounded to 1e-5 minutes (2 cm).
[[nodiscard]] double number_of_e7(std::int64_t e7, v1::Unit unit);
// Nothing for units whose integers are whole degrees or minutes: they can't hold a centre.
[[nodiscard]] std::optional<std::int64_t> integer_of_e7(std::int64_t e7, v1::Unit unit);
// Appends decimal text; NMEA_DDMM as [-]ddmm.mmmm or [-]dddmm.mmmm.
void append_text_of_e7(std::string& out, std::int64_t e7, v1::Unit unit, Axis axis);

}  // namespace sudare
