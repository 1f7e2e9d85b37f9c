#include "crypto/crypto_init.h"

#include <sodium.h>

namespace sudare {

Status crypto_init() {
  static const bool kStarted = sodium_init() >= 0;
  if (!kStarted) return fail(ErrorCode::kInternal, "libsodium does not start");
  return Done{};
}

}  // namespace sudare
