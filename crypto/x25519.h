// X25519 (RFC 7748, section 5).
#pragma once

#include <cstddef>

#include "base/result.h"
#include "crypto/bytes.h"

namespace sudare {

inline constexpr std::size_t kX25519Bytes = 32;

using X25519Span = std::span<const std::uint8_t, kX25519Bytes>;
using MutableX25519Span = std::span<std::uint8_t, kX25519Bytes>;

// scalar * point. Pure; any thread; constant time in the scalar.
// kRefused where the result is all zeros: the point has low order and would make the secret known
// to anyone.
Status x25519(X25519Span scalar, X25519Span point, MutableX25519Span out);

// scalar * base point.
void x25519_public(X25519Span scalar, MutableX25519Span out);

}  // namespace sudare
