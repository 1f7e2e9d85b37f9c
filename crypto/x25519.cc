#include "crypto/x25519.h"

#include <sodium.h>

namespace sudare {

Status x25519(X25519Span scalar, X25519Span point, MutableX25519Span out) {
  if (crypto_scalarmult_curve25519(out.data(), scalar.data(), point.data()) != 0) {
    return fail(ErrorCode::kRefused, "x25519: the point has low order");
  }
  return Done{};
}

void x25519_public(X25519Span scalar, MutableX25519Span out) {
  crypto_scalarmult_curve25519_base(out.data(), scalar.data());
}

}  // namespace sudare
