// Seals bytes to age X25519 recipients (c2sp.org/age): what leaves the car. Public keys only;
// nothing here can open a file again. `seal` takes the whole plaintext, `SealStream` takes it in
// pieces and bounded memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/age/format.h"
#include "crypto/age/payload.h"
#include "crypto/bytes.h"
#include "crypto/seal/recipient.h"
#include "crypto/secret_bytes.h"

namespace sudare::age {

// Appends an age file to `out`, which any of the recipients opens; exactly
// sealed_bytes(recipients.size(), plaintext.size()) bytes. Any thread. `out` keeps its capacity, so
// that a caller which clears and reuses it allocates nothing.
// kRefused without recipients, kTooLarge past kRecipientsMax; `out` is then as it was.
// Doesn't hide the plaintext's length (padding is the caller's) or the number of recipients.
Status seal(std::span<const Recipient> recipients, ByteSpan plaintext, std::string& out);

// The same in pieces: start, push any number of times, finish once. Holds at most one chunk of
// plaintext (64 KiB), which is wiped at the end. One thread at a time. Without finish the file is
// truncated, and its reader notices.
class SealStream {
 public:
  // Appends the header to `out`. Fails as `seal` does.
  static Result<SealStream> start(std::span<const Recipient> recipients, std::string& out);
  ~SealStream();
  SealStream(SealStream&&) noexcept = default;
  SealStream& operator=(SealStream&&) = delete;
  SealStream(const SealStream&) = delete;
  SealStream& operator=(const SealStream&) = delete;

  // Appends the chunks that are complete to `out`.
  void push(ByteSpan plaintext, std::string& out);
  // Appends the final chunk. Nothing may be called after it.
  void finish(std::string& out);

 private:
  SealStream() = default;
  SecretBytes<kPayloadKeyBytes> payload_key_;
  std::vector<std::uint8_t> held_;  // less than or exactly one chunk: it may be the final one
  std::uint64_t chunk_number_ = 0;
};

}  // namespace sudare::age
