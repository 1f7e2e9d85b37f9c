// What a car says in a campaign, looked for byte by byte wherever only ciphertext may be: parts of
// a VIN and an e-mail address, and a position as text and as the numbers that a message holds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace sudare::faults {

inline constexpr std::string_view kCanaryVin = "JTDKARFU8Q3CANARY";
inline constexpr std::string_view kCanaryEmail = "canary.8731@example.jp";
inline constexpr std::int32_t kCanaryLatitudeE7 = 351'693'127;
inline constexpr std::int32_t kCanaryLongitudeE7 = 1'372'694'513;

// {"seq": NUMBER, …} with every canary in it; the policy of testkit::Unit releases the number
// alone, from test/json to "seq" and from test/urgent to "emergency".
[[nodiscard]] std::string numbered_json(std::uint64_t number);

[[nodiscard]] std::uint64_t canaries_in(std::string_view bytes);
// In the contents and names of all regular files, however long: disk images too.
[[nodiscard]] std::uint64_t canaries_below(const std::filesystem::path& directory);
[[nodiscard]] std::uint64_t canaries_in_file(const std::filesystem::path& file);

}  // namespace sudare::faults
