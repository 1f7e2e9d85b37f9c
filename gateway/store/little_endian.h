// Numbers in the store's blobs: 8 bytes, little-endian, whatever the processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sudare {

inline void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

// The number at `offset`; the caller has checked that 8 bytes are there.
inline std::uint64_t read_u64(std::string_view bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

}  // namespace sudare
