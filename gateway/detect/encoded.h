// Decoding of what text may hide in: base64 (standard and URL alphabet) and percent-encoding. For
// the scanner: lenient, never fails, linear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sudare {

enum class Base64Alphabet : std::uint8_t { kStandard, kUrl };

// Whether `c` belongs to the alphabet.
[[nodiscard]] bool is_base64(char c, Base64Alphabet alphabet);

// Decodes characters that all belong to the alphabet, without padding, into `bytes`. Bits left over
// are dropped.
void decode_base64(std::string_view text, Base64Alphabet alphabet, std::string& bytes);

struct PercentDecoded {
  std::string text;
  std::vector<std::uint32_t> origin;  // as NarrowText::origin
};

[[nodiscard]] bool has_percent_encoding(std::string_view text);
[[nodiscard]] PercentDecoded decode_percent(std::string_view text);

}  // namespace sudare
