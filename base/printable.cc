#include "base/printable.h"

#include <cstddef>
#include <cstdint>

namespace sudare {
namespace {

// A character of UTF-8 (RFC 3629) at the front: its bytes; 0 where there is none.
struct Character {
  std::size_t bytes = 0;
  std::uint32_t code = 0;
};

Character first(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  if (lead < 0xc2 || lead > 0xf4) return {};
  const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (text.size() <= more) return {};
  std::uint32_t code = lead & (0x3fU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte & 0x3fU);
  }
  const std::uint32_t least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {more + 1, code};
}

bool is_plain(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  if (code == 0x061c || code == 0x200e || code == 0x200f) return false;
  return !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

void append_escaped(std::string_view bytes, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += "\\x";
    out += kHex[value >> 4U];
    out += kHex[value & 15U];
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character one = first(text);
    const std::string_view bytes = text.substr(0, one.bytes == 0 ? 1 : one.bytes);
    if (one.bytes == 0 || !is_plain(one.code)) {
      append_escaped(bytes, out);
    } else {
      out += bytes;
      if (one.code == '\\') out += '\\';
    }
    text.remove_prefix(bytes.size());
  }
  return out;
}

}  // namespace sudare
