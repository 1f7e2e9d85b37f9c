// What both sides of the payload share (c2sp.org/age, "Payload"): its key and the nonces of its
// chunks.
#pragma once

#include <array>

#include "crypto/age/format.h"
#include "crypto/age/mac.h"
#include "crypto/bytes.h"

namespace sudare::age {

inline constexpr std::size_t kPayloadKeyBytes = 32;
inline constexpr std::size_t kChunkNonceBytes = 12;

void derive_payload_key(FileKeySpan file_key,
                        std::span<const std::uint8_t, kPayloadNonceBytes> nonce,
                        std::span<std::uint8_t, kPayloadKeyBytes> key);

// Eleven bytes of big-endian chunk number and one that is 1 for the final chunk.
[[nodiscard]] std::array<std::uint8_t, kChunkNonceBytes> chunk_nonce(std::uint64_t number,
                                                                     bool is_final);

}  // namespace sudare::age
