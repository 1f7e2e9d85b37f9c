#include "crypto/age/mac.h"

#include <array>

#include "crypto/hkdf.h"
#include "crypto/secret_bytes.h"

namespace sudare::age {

void header_mac(FileKeySpan file_key, ByteSpan authenticated,
                std::span<std::uint8_t, kMacBytes> mac) {
  std::array<std::uint8_t, kSha256Bytes> key{};
  hkdf_sha256({}, file_key, bytes_of("header"), key);
  hmac_sha256(key, {authenticated}, mac);
  wipe(key);
}

}  // namespace sudare::age
