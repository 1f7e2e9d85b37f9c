// Text that somebody else wrote, for a terminal or a log: what would move the cursor, change
// colours, hide or turn round what stands beside it shows as what it is.
#pragma once

#include <string>
#include <string_view>

namespace sudare {

// Control characters (U+0000 to U+001F, U+007F to U+009F), the ends of lines and paragraphs
// (U+2028, U+2029), marks that turn the direction of writing (U+061C, U+200E, U+200F, U+202A to
// U+202E, U+2066 to U+2069), and bytes that are no UTF-8 become "\x1b": one for each byte. So does
// "\", which becomes "\\". All else stays. Pure; any thread.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace sudare
