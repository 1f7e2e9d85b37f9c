#include "fleet/audit/text_runs.h"

#include <array>
#include <cstdint>

#include "gateway/detect/characters.h"
#include "gateway/detect/encoded.h"

namespace sudare {
namespace {

// Bytes of the character that begins with a byte: 1 for printable ASCII, tabs and line ends, 2 to 4
// for a lead byte of UTF-8 (control characters U+0080 to U+00BF left out), 0 for all others.
constexpr std::array<std::uint8_t, 256> character_lengths() {
  std::array<std::uint8_t, 256> lengths{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) lengths[c] = 1;
  for (const char c : {'\t', '\n', '\r'}) lengths[static_cast<std::size_t>(c)] = 1;
  for (std::size_t c = 0xc3; c < 0xf5; ++c) {
    lengths[c] = static_cast<std::uint8_t>(c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4);
  }
  return lengths;
}
constexpr auto kCharacterLengths = character_lengths();

// Bytes of the character at `at`, or 0 where it is none. Overlong UTF-8 passes: it is no reason not
// to look inside.
std::size_t text_length(std::string_view bytes, std::size_t at) {
  const std::size_t length = kCharacterLengths[static_cast<std::uint8_t>(bytes[at])];
  if (length <= 1) return length;
  if (at + length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<std::uint8_t>(bytes[at + i]) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

unsigned hex_value(char c) {
  return static_cast<unsigned>(is_digit(c) ? c - '0' : to_upper(c) - 'A' + 10);
}

// Moves `text` past a line that is `prefix` and 32 bytes in base64; false where it is none.
bool take_key_line(std::string_view& text, std::string_view prefix) {
  constexpr std::size_t kKeyCharacters = 43;
  const std::size_t length = prefix.size() + kKeyCharacters;
  if (text.size() <= length || !text.starts_with(prefix) || text[length] != '\n') return false;
  for (const char c : text.substr(prefix.size(), kKeyCharacters)) {
    if (!is_base64(c, Base64Alphabet::kStandard)) return false;
  }
  text.remove_prefix(length + 1);
  return true;
}

}  // namespace

std::size_t age_header_bytes(std::string_view text) {
  std::string_view rest = text.substr(kAgeMagic.size());
  while (take_key_line(rest, "-> X25519 ")) {
    if (!take_key_line(rest, "")) return kAgeMagic.size();
  }
  return take_key_line(rest, "--- ") ? text.size() - rest.size() : kAgeMagic.size();
}

TextRun next_text_run(std::string_view bytes, std::size_t from) {
  std::size_t begin = from;
  std::size_t length = 0;
  while (begin < bytes.size() && (length = text_length(bytes, begin)) == 0) ++begin;
  std::size_t end = begin;
  while (end < bytes.size() && (length = text_length(bytes, end)) != 0) end += length;
  return {begin, end};
}

bool is_hex(char c) {
  const char upper = to_upper(c);
  return is_digit(c) || (upper >= 'A' && upper <= 'F');
}

std::string_view decode_hex(std::string_view digits, std::string& bytes) {
  bytes.clear();
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(hex_value(digits[i]) << 4 | hex_value(digits[i + 1]));
  }
  return bytes;
}

}  // namespace sudare
