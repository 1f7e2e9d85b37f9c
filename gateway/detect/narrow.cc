#include "gateway/detect/narrow.h"

namespace sudare {
namespace {

struct Narrowed {
  char character = 0;      // 0: nothing
  std::size_t length = 0;  // bytes of the original; 0: stays as it is
};

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// All characters that change are three bytes long in UTF-8.
Narrowed narrow_at(std::string_view text, std::size_t at) {
  if (at + 3 > text.size()) return {};
  const unsigned first = byte_at(text, at);
  if (first < 0xE2 || first > 0xEF) return {};
  const unsigned code = (first & 0x0FU) << 12 | (byte_at(text, at + 1) & 0x3FU) << 6 |
                        (byte_at(text, at + 2) & 0x3FU);
  if (code >= 0xFF01 && code <= 0xFF5E) return {static_cast<char>(code - 0xFF01 + '!'), 3};
  switch (code) {
    case 0x200B:  // without width: space, non-joiner, joiner, word joiner, byte order mark
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0xFEFF: return {0, 3};
    case 0x2010:  // hyphen … horizontal bar
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:  // minus
    case 0x30FC:  // the long-vowel mark, often typed for a dash
    case 0xFF70: return {'-', 3};
    case 0x3000: return {' ', 3};
    case 0x3010: return {'[', 3};
    case 0x3011: return {']', 3};
    default: return {};
  }
}

}  // namespace

bool needs_narrowing(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (byte_at(text, at) >= 0xE2 && narrow_at(text, at).length != 0) return true;
  }
  return false;
}

NarrowText narrow(std::string_view text) {
  NarrowText result;
  result.text.reserve(text.size());
  result.origin.reserve(text.size() + 1);
  for (std::size_t at = 0; at < text.size();) {
    const Narrowed narrowed = narrow_at(text, at);
    if (narrowed.length == 0 || narrowed.character != 0) {
      result.text.push_back(narrowed.length != 0 ? narrowed.character : text[at]);
      result.origin.push_back(static_cast<std::uint32_t>(at));
    }
    at += narrowed.length != 0 ? narrowed.length : 1;
  }
  result.origin.push_back(static_cast<std::uint32_t>(text.size()));
  return result;
}

}  // namespace sudare
