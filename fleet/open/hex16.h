// Pseudonyms and random ids, 16 bytes each, as `sudare open` writes them.
#pragma once

#include <string>
#include <string_view>

namespace sudare {

// 32 lower-case hex digits as 16 bytes; empty where it is none. Pure; any thread.
[[nodiscard]] std::string sixteen_bytes(std::string_view hex);

}  // namespace sudare
