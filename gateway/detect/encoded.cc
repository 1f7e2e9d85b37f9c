#include "gateway/detect/encoded.h"

#include "gateway/detect/characters.h"

namespace sudare {
namespace {

// The six bits of a character, or -1.
int base64_value(char c, Base64Alphabet alphabet) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == (alphabet == Base64Alphabet::kStandard ? '+' : '-')) return 62;
  if (c == (alphabet == Base64Alphabet::kStandard ? '/' : '_')) return 63;
  return -1;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char upper = to_upper(c);
  return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

// The byte that "%hh" at `at` stands for, or -1.
int percent_value(std::string_view text, std::size_t at) {
  if (text[at] != '%' || at + 2 >= text.size()) return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

bool is_base64(char c, Base64Alphabet alphabet) { return base64_value(c, alphabet) >= 0; }

void decode_base64(std::string_view text, Base64Alphabet alphabet, std::string& bytes) {
  bytes.clear();
  unsigned held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    held = (held << 6 | static_cast<unsigned>(base64_value(c, alphabet))) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(held >> bits & 0xFFU));
  }
}

bool has_percent_encoding(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (percent_value(text, at) >= 0) return true;
  }
  return false;
}

PercentDecoded decode_percent(std::string_view text) {
  PercentDecoded decoded;
  decoded.text.reserve(text.size());
  decoded.origin.reserve(text.size() + 1);
  for (std::size_t at = 0; at < text.size();) {
    const int value = percent_value(text, at);
    decoded.text.push_back(value >= 0 ? static_cast<char>(value) : text[at]);
    decoded.origin.push_back(static_cast<std::uint32_t>(at));
    at += value >= 0 ? 3 : 1;
  }
  decoded.origin.push_back(static_cast<std::uint32_t>(text.size()));
  return decoded;
}

}  // namespace sudare
