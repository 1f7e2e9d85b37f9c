// Bech32 (BIP 173), as age writes keys: without its limit of 90 characters. Works on secrets: no
// copies outside the caller's memory, and no table that is looked up by a secret.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "crypto/bytes.h"

namespace sudare {

inline constexpr std::size_t kBech32ChecksumCharacters = 6;

// Characters of `data_bytes` bytes under a prefix: prefix, '1', data, checksum.
[[nodiscard]] constexpr std::size_t bech32_characters(std::size_t prefix_characters,
                                                      std::size_t data_bytes) {
  return prefix_characters + 1 + (data_bytes * 8 + 4) / 5 + kBech32ChecksumCharacters;
}

// Decodes `text`, which must hold exactly data.size() bytes, into `data`. The prefix is compared as
// written, and the rest must have its case: "age" wants lower case, "AGE-SECRET-KEY-" upper.
// kMalformed on another prefix, case, character, length, checksum, or bits left over that are not
// zero; the content of `data` is then undefined.
Status bech32_decode(std::string_view prefix, ByteSpan text, MutableByteSpan data);

// Encodes into `text`, in the prefix's case. Asserts that text.size() is what bech32_characters
// says.
void bech32_encode(std::string_view prefix, ByteSpan data, MutableByteSpan text);

}  // namespace sudare
