// The driver's word as JSON: exactly {"granted": true|false, "counter": 0 … 2^64 - 1}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sudare {

// A word takes 30 to 50 bytes; anything long is not one, and is not parsed.
inline constexpr std::size_t kConsentBytesMax = 1024;

struct ConsentWord {
  bool granted = false;
  std::uint64_t counter = 0;

  friend bool operator==(const ConsentWord&, const ConsentWord&) = default;
};

// Strict: a key that is unknown, escaped, missing or there twice, or a value of another type, is no
// word, since a half-understood one could be a withdrawal. kTooLarge, kMalformed. Any thread.
Result<ConsentWord> parse_consent(std::string_view json);

}  // namespace sudare
