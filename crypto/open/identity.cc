#include "crypto/open/identity.h"

#include <array>

namespace sudare::age::open_side {

Identity Identity::generate() {
  SecretBytes<kX25519Bytes> key;
  random_bytes(key.bytes());
  return from_key(std::move(key));
}

Result<Identity> Identity::parse(ByteSpan text) {
  SecretBytes<kX25519Bytes> key;
  TRY(bech32_decode(kIdentityPrefix, text, key.bytes()));
  return from_key(std::move(key));
}

Identity Identity::from_key(SecretBytes<kX25519Bytes> key) {
  std::array<std::uint8_t, kX25519Bytes> public_key{};
  x25519_public(key.bytes(), public_key);
  // A clamped scalar times the base point never has low order, so this can't fail.
  const Result<Recipient> recipient = Recipient::from_public_key(public_key);
  assert(recipient.has_value());
  return {std::move(key), *recipient};
}

SecretBytes<kIdentityCharacters> Identity::encode() const {
  SecretBytes<kIdentityCharacters> text;
  bech32_encode(kIdentityPrefix, key_.bytes(), text.bytes());
  return text;
}

}  // namespace sudare::age::open_side
