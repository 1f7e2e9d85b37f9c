#include "crypto/seal/x25519_wrap.h"

#include <sodium.h>

#include "crypto/age/x25519_stanza.h"
#include "crypto/base64.h"
#include "crypto/secret_bytes.h"

namespace sudare::age {

Status wrap_file_key(const Recipient& recipient, FileKeySpan file_key, WrapSecrets& secrets,
                     std::string& header) {
  random_bytes(secrets.ephemeral);
  std::array<std::uint8_t, kX25519Bytes> share{};
  x25519_public(secrets.ephemeral, share);
  TRY(x25519(secrets.ephemeral, recipient.public_key(), secrets.shared));
  derive_wrap_key(secrets.shared, share, recipient.public_key(), secrets.wrap_key);

  constexpr std::array<std::uint8_t, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> kZeroNonce = {};
  std::array<std::uint8_t, kWrappedFileKeyBytes> body{};
  crypto_aead_chacha20poly1305_ietf_encrypt(body.data(), nullptr, file_key.data(), file_key.size(),
                                            nullptr, 0, nullptr, kZeroNonce.data(),
                                            secrets.wrap_key.data());
  header.append(kStanzaStart).append(kX25519Type) += ' ';
  base64_append(share, header);
  header += '\n';
  base64_append(body, header);
  header += '\n';
  return Done{};
}

}  // namespace sudare::age
