#include "crypto/identity/authority_key.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "crypto/bech32.h"
#include "crypto/identity/encoding.h"

namespace sudare {

Result<AuthorityKey> AuthorityKey::parse(std::string_view text) {
  AuthorityKey key;
  if (!bech32_decode(kAuthorityPrefix, bytes_of(text), key.bytes)) {
    return fail(ErrorCode::kMalformed, "not an authority's public key");
  }
  return key;
}

std::string AuthorityKey::to_string() const {
  std::string text;
  bech32_encode(kAuthorityPrefix, bytes,
                grow(text, bech32_characters(kAuthorityPrefix.size(), bytes.size())));
  return text;
}

bool signed_by(const AuthorityKey& authority, std::string_view message,
               const Signature& signature) {
  return crypto_sign_ed25519_verify_detached(signature.data(), bytes_of(message).data(),
                                             message.size(), authority.bytes.data()) == 0;
}

bool signed_by_any(std::span<const AuthorityKey> authorities, std::string_view message,
                   const Signature& signature) {
  return std::any_of(authorities.begin(), authorities.end(), [&](const AuthorityKey& authority) {
    return signed_by(authority, message, signature);
  });
}

std::string document_signing_input(std::string_view label, std::string_view document) {
  std::array<std::uint8_t, crypto_generichash_BYTES_MAX> digest{};
  crypto_generichash(digest.data(), digest.size(), bytes_of(document).data(), document.size(),
                     nullptr, 0);
  std::string input(label);
  append_big_endian(input, std::uint64_t{document.size()});
  append(input, digest);
  return input;
}

}  // namespace sudare
