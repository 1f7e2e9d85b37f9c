// The header MAC (c2sp.org/age, "Header MAC").
#pragma once

#include "crypto/age/format.h"
#include "crypto/bytes.h"

namespace sudare::age {

using FileKeySpan = std::span<const std::uint8_t, kFileKeyBytes>;

// HMAC-SHA-256, under a key derived from the file key, over the header up to and including "---".
void header_mac(FileKeySpan file_key, ByteSpan authenticated,
                std::span<std::uint8_t, kMacBytes> mac);

}  // namespace sudare::age
