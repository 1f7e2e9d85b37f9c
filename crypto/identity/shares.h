// A secret as two shares, for two organisations: each alone is random and says nothing but the
// length; both together are the secret.
#pragma once

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace sudare {

struct Shares {
  SecretBuffer first;   // random
  SecretBuffer second;  // first XOR secret
};

[[nodiscard]] Shares split_secret(ByteSpan secret);

// The secret again. kMalformed where the shares don't have the same length. Shares of two different
// secrets join to nonsense, unnoticed: the caller has a way to tell (the provisioned pseudonym).
Result<SecretBuffer> join_shares(ByteSpan first, ByteSpan second);

}  // namespace sudare
