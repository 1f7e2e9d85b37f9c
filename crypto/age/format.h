// Constants and sizes of the age v1 file format (c2sp.org/age) that both sides share. No private
// keys here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/base64.h"

namespace sudare::age {

inline constexpr std::string_view kVersionLine = "age-encryption.org/v1\n";
inline constexpr std::string_view kStanzaStart = "-> ";
inline constexpr std::string_view kMacStart =
    "---";  // the MAC covers it, and not the space after it
inline constexpr std::size_t kBodyColumns = 64;

inline constexpr std::size_t kFileKeyBytes = 16;
inline constexpr std::size_t kMacBytes = 32;
inline constexpr std::size_t kPayloadNonceBytes = 16;
inline constexpr std::size_t kChunkBytes = 64 * 1024;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kSealedChunkBytes = kChunkBytes + kTagBytes;

inline constexpr std::string_view kX25519Type = "X25519";
inline constexpr std::string_view kX25519Info = "age-encryption.org/v1/X25519";
inline constexpr std::size_t kWrappedFileKeyBytes = kFileKeyBytes + kTagBytes;

// A header that we read. Ours have at most kRecipientsMax stanzas of 98 bytes; other age
// implementations may add recipients and larger types (post-quantum stanzas take 1.6 KB). Bounds
// the memory and the X25519 operations that a hostile file costs.
inline constexpr std::size_t kHeaderBytesMax = 64 * 1024;
inline constexpr std::size_t kStanzasMax = 128;

// "-> X25519 <share>\n<wrapped file key>\n"
inline constexpr std::size_t kX25519StanzaBytes = kStanzaStart.size() + kX25519Type.size() + 1 +
                                                  base64_characters(32) + 1 +
                                                  base64_characters(kWrappedFileKeyBytes) + 1;

// The header of a file for `recipients` X25519 recipients.
[[nodiscard]] constexpr std::size_t header_bytes(std::size_t recipients) {
  return kVersionLine.size() + recipients * kX25519StanzaBytes + kMacStart.size() + 1 +
         base64_characters(kMacBytes) + 1;
}

// The payload of a file: nonce and chunks. An empty plaintext is one empty chunk.
[[nodiscard]] constexpr std::uint64_t payload_bytes(std::uint64_t plaintext_bytes) {
  const std::uint64_t chunks =
      plaintext_bytes == 0 ? 1 : (plaintext_bytes + kChunkBytes - 1) / kChunkBytes;
  return kPayloadNonceBytes + plaintext_bytes + chunks * kTagBytes;
}

// The whole file.
[[nodiscard]] constexpr std::uint64_t sealed_bytes(std::size_t recipients,
                                                   std::uint64_t plaintext_bytes) {
  return header_bytes(recipients) + payload_bytes(plaintext_bytes);
}

}  // namespace sudare::age
