// Text of a moment.
#pragma once

#include <cstdint>
#include <string>

namespace sudare {

// As ISO 8601 writes it, to the second.
inline constexpr const char* kIso8601 = "%Y-%m-%dT%H:%M:%SZ";

// In UTC, by strftime's `pattern` of year, month, day, hour, minute and second; at most 63 bytes.
// Also beyond 2038 where time_t has 32 bits. Any thread.
[[nodiscard]] std::string utc_text(std::int64_t unix_ms, const char* pattern);

}  // namespace sudare
