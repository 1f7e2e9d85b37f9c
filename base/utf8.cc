#include "base/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sudare {
namespace {

constexpr std::uint64_t kTopBits = 0x8080808080808080;

// What the second byte of a character may be, by its first (RFC 3629, section 4). Every further
// byte is one of 0x80 … 0xbf.
struct Character {
  std::size_t bytes = 0;  // 0: no character begins so
  unsigned char second_least = 0x80;
  unsigned char second_most = 0xbf;
};

Character beginning_with(unsigned char first) {
  if (first < 0x80) return {1};
  if (first < 0xc2) return {};  // a further byte, or an overlong form
  if (first < 0xe0) return {2};
  if (first == 0xe0) return {3, 0xa0, 0xbf};  // below: overlong
  if (first == 0xed) return {3, 0x80, 0x9f};  // above: surrogates
  if (first < 0xf0) return {3};
  if (first == 0xf0) return {4, 0x90, 0xbf};  // below: overlong
  if (first < 0xf4) return {4};
  if (first == 0xf4) return {4, 0x80, 0x8f};  // above: beyond U+10FFFF
  return {};
}

}  // namespace

bool valid_utf8(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t eight = 0;
    if (bytes.size() - at >= sizeof eight) {
      std::memcpy(&eight, bytes.data() + at, sizeof eight);
      if ((eight & kTopBits) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const Character one = beginning_with(static_cast<unsigned char>(bytes[at]));
    if (one.bytes == 0 || one.bytes > bytes.size() - at) return false;
    for (std::size_t i = 1; i < one.bytes; ++i) {
      const auto next = static_cast<unsigned char>(bytes[at + i]);
      const unsigned char least = i == 1 ? one.second_least : 0x80;
      const unsigned char most = i == 1 ? one.second_most : 0xbf;
      if (next < least || next > most) return false;
    }
    at += one.bytes;
  }
  return true;
}

}  // namespace sudare
