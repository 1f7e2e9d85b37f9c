// A value replaced by what only the same purpose in the same epoch gives again.
#pragma once

#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"
#include "sudare/v1/privacy.pb.h"

namespace sudare {

inline constexpr std::size_t kPseudonymDigits = 16;

// Appends the first 8 bytes of HMAC-SHA256(key, class as one byte ‖ value) in lower-case hex. Equal
// values stay equal within the purpose and epoch that `key` belongs to, so frequent values can be
// recognised by their frequency. Pure; any thread.
void pseudonymize(const SecretBytes<32>& key, v1::PersonalClass personal, std::string_view value,
                  std::string& out);

}  // namespace sudare
