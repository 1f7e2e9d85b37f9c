#include "crypto/open/x25519_unwrap.h"

#include <sodium.h>

#include <algorithm>
#include <optional>

#include "crypto/age/x25519_stanza.h"
#include "crypto/base64.h"
#include "crypto/open/failure.h"

namespace sudare::age::open_side {
namespace {

struct X25519Stanza {
  std::array<std::uint8_t, kX25519Bytes> share;
  std::array<std::uint8_t, kWrappedFileKeyBytes> wrapped;
};

Result<X25519Stanza> parse_x25519(const Stanza& stanza) {
  constexpr auto refuse = [](Literal what) {
    return open_fail(OpenFailure::kHeader, ErrorCode::kMalformed, what);
  };
  std::string share;
  if (stanza.arguments.size() != 2) return refuse("age header: arguments of an X25519 stanza");
  if (!base64_decode(stanza.arguments[1], share) || share.size() != kX25519Bytes) {
    return refuse("age header: share of an X25519 stanza");
  }
  // Checked before anything is decrypted: a longer body could be made to open under several keys.
  if (stanza.body.size() != kWrappedFileKeyBytes) {
    return refuse("age header: body of an X25519 stanza");
  }
  X25519Stanza parsed{};
  std::copy(share.begin(), share.end(), parsed.share.begin());
  std::copy(stanza.body.begin(), stanza.body.end(), parsed.wrapped.begin());
  return parsed;
}

// Whether the identity opens the stanza, and then its file key. One memory for all attempts.
class Unwrapper {
 public:
  Result<bool> open(const Identity& identity, const X25519Stanza& stanza,
                    SecretBytes<kFileKeyBytes>& file_key) {
    if (!x25519(identity.key(), stanza.share, shared_.bytes())) {
      return open_fail(OpenFailure::kHeader, ErrorCode::kRefused,
                       "age header: share of low order in an X25519 stanza");
    }
    derive_wrap_key(shared_.bytes(), stanza.share, identity.recipient().public_key(),
                    wrap_key_.bytes());
    constexpr std::array<std::uint8_t, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> kZeroNonce = {};
    return crypto_aead_chacha20poly1305_ietf_decrypt(
               file_key.bytes().data(), nullptr, nullptr, stanza.wrapped.data(),
               stanza.wrapped.size(), nullptr, 0, kZeroNonce.data(), wrap_key_.bytes().data()) == 0;
  }

 private:
  SecretBytes<kX25519Bytes> shared_;
  SecretBytes<kWrapKeyBytes> wrap_key_;
};

}  // namespace

Result<SecretBytes<kFileKeyBytes>> unwrap_file_key(std::span<const Identity> identities,
                                                   const Header& header) {
  std::vector<X25519Stanza> stanzas;
  for (const Stanza& stanza : header.stanzas) {
    if (stanza.arguments.front() != kX25519Type) continue;
    TRY(const X25519Stanza parsed, parse_x25519(stanza));
    stanzas.push_back(parsed);
  }
  Unwrapper unwrapper;
  SecretBytes<kFileKeyBytes> file_key;
  for (const X25519Stanza& stanza : stanzas) {
    for (const Identity& identity : identities) {
      TRY(const bool opened, unwrapper.open(identity, stanza, file_key));
      if (opened) return file_key;
    }
  }
  return open_fail(OpenFailure::kNoMatch, ErrorCode::kNoMatch,
                   "age header: no identity opens any stanza");
}

}  // namespace sudare::age::open_side
