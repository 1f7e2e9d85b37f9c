// An authority's Ed25519 key pair: the relink authority signs member lists and erasure orders with
// it, a policy's signers policies, a recipient authority certificates. Whoever believes them holds
// the public half; the private half is in a file of its own (mode 0600) and opens nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/bech32.h"
#include "crypto/identity/authority_key.h"

namespace sudare {

inline constexpr std::string_view kSigningKeyPrefix = "SUDARE-SIGNING-KEY-";
inline constexpr std::size_t kSigningKeyCharacters =
    bech32_characters(kSigningKeyPrefix.size(), kEd25519SeedBytes);

// Owns its key in wiped memory; movable, never copied.
class SigningKey {
 public:
  static SigningKey generate();
  // "SUDARE-SIGNING-KEY-1…" without white space; the caller wipes the text. kMalformed.
  static Result<SigningKey> parse(ByteSpan text);
  [[nodiscard]] SecretBytes<kSigningKeyCharacters> encode() const;
  [[nodiscard]] const AuthorityKey& authority() const { return authority_; }
  [[nodiscard]] Signature sign(std::string_view message) const;

 private:
  explicit SigningKey(const SecretBytes<kEd25519SeedBytes>& seed);
  SecretBytes<kEd25519KeypairBytes> keypair_;
  AuthorityKey authority_;
};

// A key file: comments that start with '#', empty lines, and one signing key. kNotFound, kIo
// (errno), kMalformed (detail: line, 0 for the file as a whole), kTooLarge.
Result<SigningKey> read_signing_key(const std::filesystem::path& path);
Result<SigningKey> parse_signing_key_file(ByteSpan text);
// Creates the file with mode 0600; kRefused where it exists, kIo (errno).
Status create_signing_key_file(const std::filesystem::path& path, const SigningKey& key);

}  // namespace sudare
