// Base 64 with padding, as JSON lines carry bytes (RFC 4648, section 4). crypto/base64.h has age's
// form, which has none.
#pragma once

#include <string>
#include <string_view>

#include "crypto/base64.h"
#include "crypto/bytes.h"

namespace sudare::sim {

[[nodiscard]] inline std::string to_base64(std::string_view bytes) {
  std::string text;
  base64_append(bytes_of(bytes), text);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

// kMalformed where it is none; padding may be left out.
[[nodiscard]] inline Result<std::string> from_base64(std::string_view text) {
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) {
    text.remove_suffix(1);
  }
  std::string bytes;
  TRY(base64_decode(text, bytes));
  return bytes;
}

}  // namespace sudare::sim
