// The time that a message states of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sudare/v1/privacy.pb.h"

namespace sudare {

// Milliseconds since 1970-01-01 UTC; nothing where the number is no time of the years 1970 to 9999,
// or the unit is not one of time. Pure; any thread.
//   unit  MILLISECONDS or SECONDS; fractions of seconds count
[[nodiscard]] std::optional<std::int64_t> event_time_of(double number, v1::Unit unit);
[[nodiscard]] std::optional<std::int64_t> event_time_of(std::int64_t number, v1::Unit unit);

// The same for text: ISO 8601 ("2026-11-22T03:02:00.5+09:00", "2026-11-22 03:02"; UTC where no zone
// is given, as in RFC 3339 with its parts optional) where the unit is ISO_8601, else a number.
[[nodiscard]] std::optional<std::int64_t> event_time_of(std::string_view text, v1::Unit unit);

}  // namespace sudare
