// An age X25519 identity: the private key of a recipient. Never on the car.
#pragma once

#include "base/result.h"
#include "crypto/bech32.h"
#include "crypto/seal/recipient.h"
#include "crypto/secret_bytes.h"

namespace sudare::age::open_side {

inline constexpr std::string_view kIdentityPrefix = "AGE-SECRET-KEY-";
inline constexpr std::size_t kIdentityCharacters =
    bech32_characters(kIdentityPrefix.size(), kX25519Bytes);  // 74

// Owns its key in wiped memory; movable, never copied; const functions from any thread.
class Identity {
 public:
  // A new random key.
  static Identity generate();
  // "AGE-SECRET-KEY-1…" without white space. The caller wipes the text. kMalformed on anything
  // else.
  static Result<Identity> parse(ByteSpan text);
  // 32 bytes that are the key; for keys that are derived. Any 32 bytes are one.
  static Identity from_key(SecretBytes<kX25519Bytes> key);

  // The text that `parse` takes, for a key file.
  [[nodiscard]] SecretBytes<kIdentityCharacters> encode() const;
  [[nodiscard]] const Recipient& recipient() const { return recipient_; }
  [[nodiscard]] X25519Span key() const { return key_.bytes(); }

 private:
  Identity(SecretBytes<kX25519Bytes> key, const Recipient& recipient)
      : key_(std::move(key)), recipient_(recipient) {}
  SecretBytes<kX25519Bytes> key_;
  Recipient recipient_;
};

}  // namespace sudare::age::open_side
