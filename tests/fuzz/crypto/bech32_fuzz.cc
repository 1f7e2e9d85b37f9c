// Text that decodes must encode to itself, and bytes that are encoded must decode to themselves.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bech32.h"

using namespace sudare;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan input(data, size);
  for (const std::string_view prefix : {"age", "AGE-SECRET-KEY-"}) {
    std::vector<std::uint8_t> decoded(32);
    std::string text;
    if (bech32_decode(prefix, input, decoded)) {
      bech32_encode(prefix, decoded, grow(text, bech32_characters(prefix.size(), decoded.size())));
      if (text != text_of(input)) std::abort();
    }
    text.clear();
    decoded.resize(size);
    bech32_encode(prefix, input, grow(text, bech32_characters(prefix.size(), size)));
    if (!bech32_decode(prefix, bytes_of(text), decoded)) std::abort();
    if (text_of(decoded) != text_of(input)) std::abort();
  }
  return 0;
}
