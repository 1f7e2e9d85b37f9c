// The key that wraps the file key in an X25519 stanza (c2sp.org/age, "X25519 recipient stanza").
#pragma once

#include "crypto/bytes.h"
#include "crypto/x25519.h"

namespace sudare::age {

inline constexpr std::size_t kWrapKeyBytes = 32;

// HKDF of the shared secret with both public shares as salt. The same on both sides; the nonce that
// goes with it is zero, since each key wraps one file key.
void derive_wrap_key(X25519Span shared_secret, X25519Span ephemeral_share, X25519Span recipient,
                     std::span<std::uint8_t, kWrapKeyBytes> wrap_key);

}  // namespace sudare::age
