#include "crypto/age/x25519_stanza.h"

#include <algorithm>
#include <array>

#include "crypto/age/format.h"
#include "crypto/hkdf.h"

namespace sudare::age {

void derive_wrap_key(X25519Span shared_secret, X25519Span ephemeral_share, X25519Span recipient,
                     std::span<std::uint8_t, kWrapKeyBytes> wrap_key) {
  std::array<std::uint8_t, 2 * kX25519Bytes> salt{};
  const auto middle = std::copy(ephemeral_share.begin(), ephemeral_share.end(), salt.begin());
  std::copy(recipient.begin(), recipient.end(), middle);
  hkdf_sha256(salt, shared_secret, bytes_of(kX25519Info), wrap_key);
}

}  // namespace sudare::age
