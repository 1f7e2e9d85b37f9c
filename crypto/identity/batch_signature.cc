#include "crypto/identity/batch_signature.h"

#include <sodium.h>

#include "crypto/identity/encoding.h"

namespace sudare {
namespace {

constexpr std::string_view kBatchLabel = label("sudare/v1/batch");

}  // namespace

Result<std::string> signing_input(std::string_view purpose, ByteSpan compressed) {
  TRY(check_purpose(purpose));
  std::string input(kBatchLabel);
  append_length_prefixed(input, purpose);
  append_big_endian(input, static_cast<std::uint64_t>(compressed.size()));
  const MutableByteSpan digest = grow(input, crypto_generichash_blake2b_BYTES_MAX);
  crypto_generichash_blake2b(digest.data(), digest.size(), compressed.data(), compressed.size(),
                             nullptr, 0);
  return input;
}

Result<Signature> sign_batch(const EpochKey& key, std::string_view purpose, ByteSpan compressed) {
  TRY(const std::string input, signing_input(purpose, compressed));
  Signature signature{};
  crypto_sign_ed25519_detached(signature.data(), nullptr, bytes_of(input).data(), input.size(),
                               key.keypair.bytes().data());
  return signature;
}

Status verify_batch(const Ed25519PublicKey& public_key, std::string_view purpose,
                    ByteSpan compressed, const Signature& signature) {
  TRY(const std::string input, signing_input(purpose, compressed));
  if (crypto_sign_ed25519_verify_detached(signature.data(), bytes_of(input).data(), input.size(),
                                          public_key.data()) != 0) {
    return fail(ErrorCode::kAuthentication, "batch: the signature does not verify");
  }
  return Done{};
}

}  // namespace sudare
