// What anyone can tell about an age file without a key.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "crypto/bytes.h"

namespace sudare::age::open_side {

struct FileInfo {
  std::size_t stanzas = 0;
  std::size_t x25519_stanzas = 0;     // one per recipient, in files of our own
  std::size_t header_bytes = 0;       // up to the line feed after the MAC
  std::uint64_t plaintext_bytes = 0;  // padding included
};

// `start` is the file's beginning, at least its header: kHeaderBytesMax bytes always suffice;
// `file_bytes` is the size of all of it. Fails as `open` does for a header that is malformed or
// incomplete, and with a payload failure where no plaintext has this size. Nothing is
// authenticated.
Result<FileInfo> inspect(ByteSpan start, std::uint64_t file_bytes);

}  // namespace sudare::age::open_side
