// The signature of a batch (docs/formats.md, "Signature"): Ed25519 over a digest, so that a large
// batch is read once and not twice.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/bytes.h"
#include "crypto/identity/epoch_chain.h"

namespace sudare {

inline constexpr std::size_t kSignatureBytes = 64;
using Signature = std::array<std::uint8_t, kSignatureBytes>;

// "sudare/v1/batch\0" ‖ LP(purpose) ‖ u64 length ‖ BLAKE2b-512(compressed).
// kRefused where the purpose's name is empty or longer than 255 bytes; so do the others.
Result<std::string> signing_input(std::string_view purpose, ByteSpan compressed);

Result<Signature> sign_batch(const EpochKey& key, std::string_view purpose, ByteSpan compressed);

// kAuthentication where the signature isn't this key's for this purpose and these bytes. Says
// nothing about whose key it is.
Status verify_batch(const Ed25519PublicKey& public_key, std::string_view purpose,
                    ByteSpan compressed, const Signature& signature);

}  // namespace sudare
