#include "crypto/open/inspect.h"

#include <algorithm>

#include "crypto/age/header.h"
#include "crypto/open/failure.h"

namespace sudare::age::open_side {
namespace {

// The plaintext size of a payload; the inverse of payload_bytes().
Result<std::uint64_t> plaintext_of(std::uint64_t payload) {
  if (payload >= kPayloadNonceBytes) {
    const std::uint64_t sealed = payload - kPayloadNonceBytes;
    const std::uint64_t chunks = (sealed + kSealedChunkBytes - 1) / kSealedChunkBytes;
    const std::uint64_t plaintext = sealed - std::min(sealed, chunks * kTagBytes);
    if (payload_bytes(plaintext) == payload) return plaintext;
  }
  return open_fail(OpenFailure::kPayload, ErrorCode::kMalformed, "age payload: impossible size");
}

}  // namespace

Result<FileInfo> inspect(ByteSpan start, std::uint64_t file_bytes) {
  auto parsed = parse_header(start);
  if (!parsed) return open_fail(OpenFailure::kHeader, parsed.error().code, parsed.error().what);
  if (!*parsed || (*parsed)->bytes > file_bytes) {
    return open_fail(OpenFailure::kHeader, ErrorCode::kMalformed, "age header: incomplete");
  }
  const Header& header = **parsed;
  FileInfo info;
  info.stanzas = header.stanzas.size();
  info.x25519_stanzas = static_cast<std::size_t>(
      std::count_if(header.stanzas.begin(), header.stanzas.end(),
                    [](const Stanza& stanza) { return stanza.arguments.front() == kX25519Type; }));
  info.header_bytes = header.bytes;
  TRY(info.plaintext_bytes, plaintext_of(file_bytes - header.bytes));
  return info;
}

}  // namespace sudare::age::open_side
