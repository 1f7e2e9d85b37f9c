#include "crypto/age/payload.h"

#include "crypto/hkdf.h"

namespace sudare::age {

void derive_payload_key(FileKeySpan file_key,
                        std::span<const std::uint8_t, kPayloadNonceBytes> nonce,
                        std::span<std::uint8_t, kPayloadKeyBytes> key) {
  hkdf_sha256(nonce, file_key, bytes_of("payload"), key);
}

std::array<std::uint8_t, kChunkNonceBytes> chunk_nonce(std::uint64_t number, bool is_final) {
  std::array<std::uint8_t, kChunkNonceBytes> nonce{};
  for (std::size_t i = 0; i < sizeof number; ++i) {
    nonce[kChunkNonceBytes - 2 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  nonce.back() = is_final ? 1 : 0;
  return nonce;
}

}  // namespace sudare::age
