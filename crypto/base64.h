// Base 64 as age uses it: RFC 4648, section 4, without padding, canonical. For public bytes only:
// nothing here is in constant time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/bytes.h"

namespace sudare {

[[nodiscard]] constexpr std::size_t base64_characters(std::size_t bytes) {
  return (bytes * 8 + 5) / 6;
}

void base64_append(ByteSpan bytes, std::string& out);

// Appends the bytes of `text` to `out`. kMalformed on any character outside the alphabet, '='
// included, a length that no encoder makes, or bits left over that are not zero; `out` may then
// have grown.
Status base64_decode(std::string_view text, std::string& out);

}  // namespace sudare
