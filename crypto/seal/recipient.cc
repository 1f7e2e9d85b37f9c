#include "crypto/seal/recipient.h"

#include <algorithm>

#include "crypto/bech32.h"
#include "crypto/hkdf.h"

namespace sudare::age {
namespace {

constexpr std::string_view kPrefix = "age";
// With its zero byte, which ends the label.
constexpr std::string_view kKeyIdLabel("sudare/v1/recipient\0", 20);

}  // namespace

Result<Recipient> Recipient::parse(std::string_view text) {
  std::array<std::uint8_t, kX25519Bytes> public_key{};
  TRY(bech32_decode(kPrefix, bytes_of(text), public_key));
  return from_public_key(public_key);
}

Result<Recipient> Recipient::from_public_key(X25519Span public_key) {
  // Any scalar shows a low order: after clamping it is a multiple of 8.
  constexpr std::array<std::uint8_t, kX25519Bytes> kAnyScalar = {1};
  std::array<std::uint8_t, kX25519Bytes> ignored{};
  TRY(x25519(kAnyScalar, public_key, ignored));
  Recipient recipient;
  std::copy(public_key.begin(), public_key.end(), recipient.public_key_.begin());
  return recipient;
}

std::string Recipient::to_string() const {
  std::string text;
  bech32_encode(kPrefix, public_key_, grow(text, bech32_characters(kPrefix.size(), kX25519Bytes)));
  return text;
}

KeyId Recipient::key_id() const {
  std::array<std::uint8_t, kSha256Bytes> digest{};
  sha256({bytes_of(kKeyIdLabel), public_key_}, digest);
  KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

}  // namespace sudare::age
