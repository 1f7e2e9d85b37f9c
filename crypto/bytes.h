// How this folder passes bytes: spans as arguments, never members.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sudare {

using ByteSpan = std::span<const std::uint8_t>;
using MutableByteSpan = std::span<std::uint8_t>;

// The bytes of text that is not secret, as they lie in memory.
inline ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view text_of(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(std::string& out, ByteSpan bytes) { out.append(text_of(bytes)); }

// Grows `out` by `count` bytes and returns them, to be written in place.
inline MutableByteSpan grow(std::string& out, std::size_t count) {
  const std::size_t start = out.size();
  out.resize(start + count);
  return {reinterpret_cast<std::uint8_t*>(out.data()) + start, count};
}

}  // namespace sudare
