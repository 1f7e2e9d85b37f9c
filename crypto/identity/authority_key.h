// An authority's Ed25519 public key, "sudarepub1…", and what its signatures say yes to: member
// lists and erasure orders (fleet/authority), policies and recipients' certificates
// (gateway/policy). Private halves are fleet/authority/signing_key.h's alone.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/identity/batch_signature.h"

namespace sudare {

inline constexpr std::string_view kAuthorityPrefix = "sudarepub";

// Bech32 of the public key. A value.
struct AuthorityKey {
  Ed25519PublicKey bytes{};

  // kMalformed.
  static Result<AuthorityKey> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const AuthorityKey&, const AuthorityKey&) = default;
  friend auto operator<=>(const AuthorityKey&, const AuthorityKey&) = default;
};

// Whether the signature of `message` is this key's. Keys of low order never are (libsodium).
[[nodiscard]] bool signed_by(const AuthorityKey& authority, std::string_view message,
                             const Signature& signature);
// … is one of `authorities`'.
[[nodiscard]] bool signed_by_any(std::span<const AuthorityKey> authorities,
                                 std::string_view message, const Signature& signature);

// What is signed of a document: `label` (which ends in a zero byte) ‖ u64be length ‖
// BLAKE2b-512(document). Pure; any thread.
[[nodiscard]] std::string document_signing_input(std::string_view label, std::string_view document);

}  // namespace sudare
