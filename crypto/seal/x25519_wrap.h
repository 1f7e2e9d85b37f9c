// Wraps a file key for one recipient (c2sp.org/age, "X25519 recipient stanza").
#pragma once

#include <string>

#include "base/result.h"
#include "crypto/age/mac.h"
#include "crypto/seal/recipient.h"

namespace sudare::age {

// What wrapping computes and must not leave behind. The caller gives the memory, so that one
// allocation serves all recipients, and wipes it.
struct WrapSecrets {
  std::array<std::uint8_t, kX25519Bytes> ephemeral;
  std::array<std::uint8_t, kX25519Bytes> shared;
  std::array<std::uint8_t, 32> wrap_key;
};

// Appends the stanza to `header`, with a fresh ephemeral key.
Status wrap_file_key(const Recipient& recipient, FileKeySpan file_key, WrapSecrets& secrets,
                     std::string& header);

}  // namespace sudare::age
