// Opens the chunks of a payload (c2sp.org/age, "Payload"), in bounded memory.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/age/payload.h"
#include "crypto/bytes.h"
#include "crypto/secret_bytes.h"

namespace sudare::age::open_side {

// push any number of times, then finish. Appends plaintext chunk by chunk, each only once it has
// authenticated; whether the file is complete is known only when finish succeeds. One thread at a
// time. All failures are of the kind kPayload; nothing may be called after one.
class PayloadOpener {
 public:
  PayloadOpener(FileKeySpan file_key, std::span<const std::uint8_t, kPayloadNonceBytes> nonce);

  Status push(ByteSpan sealed, std::string& out);
  Status finish(std::string& out);

 private:
  bool open_chunk(bool is_final, ByteSpan sealed, std::string& out);
  Status open_full_chunk(ByteSpan sealed, std::string& out);

  SecretBytes<kPayloadKeyBytes> key_;
  std::vector<std::uint8_t> held_;  // less than one sealed chunk
  std::uint64_t number_ = 0;
  bool is_complete_ = false;  // the final chunk was opened
};

}  // namespace sudare::age::open_side
