// The two byte types of clip/: a view that never owns and a buffer that does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sudare::clip {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline void append(Buffer& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// Big-endian numbers. The caller has checked that the bytes are there.
[[nodiscard]] inline std::uint16_t be16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
[[nodiscard]] inline std::uint32_t be32(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(be16(bytes, at)) << 16 | be16(bytes, at + 2);
}
[[nodiscard]] inline std::uint64_t be64(Bytes bytes, std::size_t at) {
  return static_cast<std::uint64_t>(be32(bytes, at)) << 32 | be32(bytes, at + 4);
}
inline void put16(Buffer& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
inline void put32(Buffer& out, std::size_t value) {
  put16(out, value >> 16);
  put16(out, value);
}

}  // namespace sudare::clip
