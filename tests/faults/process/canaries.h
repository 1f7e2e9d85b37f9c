// What a car says that must not be seen outside a seal, and the search for it.
#pragma once

#include <filesystem>
#include <string_view>

namespace sudare::faults {

// Members of a JSON object.
inline constexpr std::string_view kJsonCanaries =
    R"("vin": "JTDKARFU8Q3CANARY", "mail": "canary.8731@example.jp", "lat": 35.1693127)";

std::size_t canaries_in(std::string_view bytes);
// In all files and their names.
std::size_t canaries_below(const std::filesystem::path& directory);

}  // namespace sudare::faults
