// Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
// PURBs", 2019): sizes rounded up so that O(log log) bits of a size remain visible, at most 12 %
// more bytes.
#pragma once

#include <bit>
#include <cstdint>

namespace sudare {

// The padded size of `bytes` bytes. Never smaller than `bytes`; sizes up to 2^62.
[[nodiscard]] constexpr std::uint64_t padme_bytes(std::uint64_t bytes) {
  if (bytes < 2) return bytes;
  const auto exponent = static_cast<unsigned>(std::bit_width(bytes)) - 1;  // floor(log2)
  const auto kept = static_cast<unsigned>(std::bit_width(exponent));       // bits to keep
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - kept)) - 1;
  return (bytes + mask) & ~mask;
}

}  // namespace sudare
