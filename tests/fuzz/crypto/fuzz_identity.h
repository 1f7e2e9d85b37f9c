// The identity to which the seeds are sealed: derived from a phrase, so that no key lies in a file.
#pragma once

#include <utility>

#include "crypto/hkdf.h"
#include "crypto/open/identity.h"

namespace sudare {

inline age::open_side::Identity fuzz_identity() {
  SecretBytes<kX25519Bytes> key;
  sha256({bytes_of("sudare fuzz identity")}, key.bytes());
  return age::open_side::Identity::from_key(std::move(key));
}

}  // namespace sudare
