// Wire constants of SignedBatch: Protobuf tags (field number * 8 + wire type).
#pragma once

#include <array>
#include <cstdint>

namespace sudare {

inline constexpr std::uint8_t kVersionTag = 1 << 3 | 0;
inline constexpr std::uint8_t kCompressedTag = 2 << 3 | 2;
inline constexpr std::uint8_t kPublicKeyTag = 3 << 3 | 2;
inline constexpr std::uint8_t kSignatureTag = 4 << 3 | 2;
inline constexpr std::uint8_t kPaddingTag = 15 << 3 | 2;

inline constexpr std::uint8_t kSignedBatchVersion = 1;
inline constexpr std::array<std::uint8_t, 2> kVersionField = {kVersionTag, kSignedBatchVersion};

}  // namespace sudare
