// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869), from libsodium's HMAC: version 1.0.18 has no
// HKDF of its own.
#pragma once

#include <cstddef>
#include <initializer_list>

#include "crypto/bytes.h"

namespace sudare {

inline constexpr std::size_t kSha256Bytes = 32;
inline constexpr std::size_t kHkdfOutputBytesMax = 255 * kSha256Bytes;  // RFC 5869, section 2.3

using Sha256Span = std::span<const std::uint8_t, kSha256Bytes>;
using MutableSha256Span = std::span<std::uint8_t, kSha256Bytes>;

// HMAC over the concatenation of `parts`. Pure; any thread; leaves nothing of the key on the stack.
void hmac_sha256(ByteSpan key, std::initializer_list<ByteSpan> parts, MutableSha256Span out);

// RFC 5869, section 2.2. An empty salt counts as 32 zero bytes.
void hkdf_extract(ByteSpan salt, ByteSpan input_key, MutableSha256Span pseudorandom_key);

// RFC 5869, section 2.3, with the concatenation of `info`. Asserts out.size() <=
// kHkdfOutputBytesMax.
void hkdf_expand(ByteSpan pseudorandom_key, std::initializer_list<ByteSpan> info,
                 MutableByteSpan out);

// Extract, then expand.
void hkdf_sha256(ByteSpan salt, ByteSpan input_key, ByteSpan info, MutableByteSpan out);

// SHA-256 over the concatenation of `parts`.
void sha256(std::initializer_list<ByteSpan> parts, MutableSha256Span out);

}  // namespace sudare
