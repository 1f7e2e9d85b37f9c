#include "gateway/minimize/pseudonymize.h"

#include <array>

#include "crypto/hkdf.h"

namespace sudare {

static_assert(v1::PersonalClass_MAX <= 255, "the class is hashed as one byte");

void pseudonymize(const SecretBytes<32>& key, v1::PersonalClass personal, std::string_view value,
                  std::string& out) {
  const std::array<std::uint8_t, 1> class_byte{static_cast<std::uint8_t>(personal)};
  std::array<std::uint8_t, kSha256Bytes> mac{};
  hmac_sha256(key.bytes(), {class_byte, bytes_of(value)}, mac);
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 0; i < kPseudonymDigits / 2; ++i) {
    out += kHex[mac[i] >> 4U];
    out += kHex[mac[i] & 0xfU];
  }
}

}  // namespace sudare
