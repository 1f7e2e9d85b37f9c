// Pseudonyms as `sudare open` writes them.
#pragma once

#include <string>
#include <string_view>

namespace sudare {

// 32 lower-case hex digits as 16 bytes; empty where it is none. Pure; any thread.
[[nodiscard]] std::string pseudonym_bytes(std::string_view hex);

}  // namespace sudare
