#include "crypto/base64.h"

#include <sodium.h>

#include <algorithm>

namespace sudare {

void base64_append(ByteSpan bytes, std::string& out) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint32_t bits = 0;
  int held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8 | byte) & 0xffff;
    for (held += 8; held >= 6; held -= 6) out += kAlphabet[(bits >> (held - 6)) & 63];
  }
  if (held > 0) out += kAlphabet[(bits << (6 - held)) & 63];
}

Status base64_decode(std::string_view text, std::string& out) {
  if (text.empty()) return Done{};
  // libsodium 1.0.18 takes any byte that is not ASCII for "/", where a char has a sign.
  const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::any_of(text.begin(), text.end(), foreign)) {
    return fail(ErrorCode::kMalformed, "base64: not canonical");
  }
  const std::size_t start = out.size();
  const MutableByteSpan room = grow(out, text.size() * 6 / 8);
  // libsodium accepts a null destination for no bytes, but its check of the leftover bits needs
  // one.
  std::uint8_t none = 0;
  std::size_t decoded = 0;
  if (sodium_base642bin(room.empty() ? &none : room.data(), room.size(), text.data(), text.size(),
                        nullptr, &decoded, nullptr,
                        sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
    return fail(ErrorCode::kMalformed, "base64: not canonical");
  }
  out.resize(start + decoded);
  return Done{};
}

}  // namespace sudare
