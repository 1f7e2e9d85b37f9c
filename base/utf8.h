// Whether bytes are UTF-8, as RFC 3629 says it: no overlong forms, no surrogates, nothing above
// U+10FFFF.
#pragma once

#include <string_view>

namespace sudare {

// Pure; any thread. Eight bytes of ASCII at a time: topics and most values are nothing else.
[[nodiscard]] bool valid_utf8(std::string_view bytes);

}  // namespace sudare
