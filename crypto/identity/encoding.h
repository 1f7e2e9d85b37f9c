// How integers and names are written into what is hashed, derived and signed (docs/formats.md):
// big-endian, and LP(x), a one-byte length and x.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare {

// LP has a one-byte length; an empty purpose is none.
inline constexpr std::size_t kPurposeBytesMax = 255;

inline Status check_purpose(std::string_view purpose) {
  if (purpose.empty() || purpose.size() > kPurposeBytesMax) {
    return fail(ErrorCode::kRefused, "purpose: its name has 1 to 255 bytes",
                static_cast<std::int64_t>(purpose.size()));
  }
  return Done{};
}

template <class Integer>
void append_big_endian(std::string& out, Integer value) {
  for (std::size_t i = sizeof value; i > 0; --i) {
    out += static_cast<char>(value >> (8 * (i - 1)) & 0xff);
  }
}

// The caller has checked the purpose.
inline void append_length_prefixed(std::string& out, std::string_view purpose) {
  append_big_endian(out, static_cast<std::uint8_t>(purpose.size()));
  out += purpose;
}

// A label of docs/formats.md with the zero byte that ends it.
template <std::size_t N>
constexpr std::string_view label(const char (&text)[N]) {
  return {text, N};
}

}  // namespace sudare
