// Times down to a multiple of a bucket since 1970-01-01 UTC: who knows the minute doesn't know
// which second a car passed. The arrival of a batch would betray the bucket: seal sends it in the
// next one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sudare {

// All: bucket_ms > 0; floor, also before 1970. Pure; any thread. Nothing: not a time that can be
// floored (out of range, not finite, not of this form).

[[nodiscard]] std::optional<std::int64_t> bucket_milliseconds(std::int64_t time_ms,
                                                              std::uint32_t bucket_ms);
// Seconds; a whole one also where the bucket is not a multiple of a second.
[[nodiscard]] std::optional<std::int64_t> bucket_seconds(std::int64_t time_s,
                                                         std::uint32_t bucket_ms);
[[nodiscard]] std::optional<double> bucket_milliseconds(double time_ms, std::uint32_t bucket_ms);
[[nodiscard]] std::optional<double> bucket_seconds(double time_s, std::uint32_t bucket_ms);

// ISO 8601, extended form: 2026-11-22, 2026-11-22T03:02, 2026-11-22T03:02:00.000+09:00 (T, t or a
// space; with Z, an offset or neither, which counts as UTC). Appends the same form, with as many
// digits and the same offset; false, and nothing appended, for other text.
[[nodiscard]] bool bucket_iso_8601(std::string_view text, std::uint32_t bucket_ms,
                                   std::string& out);

}  // namespace sudare
