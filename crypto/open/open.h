// Opens age files (c2sp.org/age) with X25519 identities: the receiving side. Never linked into the
// gateway; a test looks for this namespace among its symbols.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/open/failure.h"
#include "crypto/open/identity.h"
#include "crypto/open/payload_open.h"

namespace sudare::age::open_side {

// Appends the plaintext of a whole file to `out`. Any thread. On failure `out` is as it was, and
// open_failure(error) says which of the four kinds it is.
Status open(std::span<const Identity> identities, ByteSpan file, std::string& out);

// The same in pieces: push any number of times, finish once. Memory: a header (kHeaderBytesMax) or
// a chunk, whatever the file's size. Plaintext is appended chunk by chunk as it authenticates: it
// is genuine, but it may be cut short until finish succeeds. One thread at a time.
class OpenStream {
 public:
  // The identities must outlive the stream until push has read the header.
  explicit OpenStream(std::span<const Identity> identities) : identities_(identities) {}

  // After a failure, it and finish return the same failure.
  Status push(ByteSpan file, std::string& out);
  Status finish(std::string& out);

 private:
  Status advance(ByteSpan file, std::string& out);

  std::span<const Identity> identities_;
  std::vector<std::uint8_t> start_;  // header and nonce while they are incomplete
  std::optional<PayloadOpener> payload_;
  std::optional<Error> failed_;
};

}  // namespace sudare::age::open_side
