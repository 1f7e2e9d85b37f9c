#include "crypto/seal/seal.h"

#include <sodium.h>

#include <algorithm>

#include "base/limits.h"
#include "crypto/age/mac.h"
#include "crypto/base64.h"
#include "crypto/seal/x25519_wrap.h"

namespace sudare::age {
namespace {

// Everything secret that sealing one file computes.
struct SealSecrets {
  std::array<std::uint8_t, kFileKeyBytes> file_key;
  WrapSecrets wrap;
  std::array<std::uint8_t, kPayloadKeyBytes> payload_key;
};
static_assert(std::is_trivially_copyable_v<SealSecrets> && alignof(SealSecrets) == 1);

// SealSecrets for the time of one file. Their memory stays with the thread and is wiped in between:
// its allocation takes system calls that cost as much as an X25519 operation.
class SealMemory {
 public:
  SealMemory() : secrets_(reinterpret_cast<SealSecrets*>(memory().bytes().data())) {}
  ~SealMemory() { wipe(memory().bytes()); }
  SealMemory(const SealMemory&) = delete;
  SealMemory& operator=(const SealMemory&) = delete;

  SealSecrets* operator->() { return secrets_; }

 private:
  static SecretBytes<sizeof(SealSecrets)>& memory() {
    thread_local SecretBytes<sizeof(SealSecrets)> memory;
    return memory;
  }
  SealSecrets* secrets_;
};

// Appends header and payload nonce, and leaves the payload key in `secrets`.
Status append_header(std::span<const Recipient> recipients, SealMemory& secrets, std::string& out) {
  if (recipients.empty()) return fail(ErrorCode::kRefused, "seal: no recipient");
  if (recipients.size() > kRecipientsMax) {
    return fail(ErrorCode::kTooLarge, "seal: recipients",
                static_cast<std::int64_t>(recipients.size()));
  }
  const std::size_t start = out.size();
  random_bytes(secrets->file_key);
  out += kVersionLine;
  for (const Recipient& recipient : recipients) {
    const Status wrapped = wrap_file_key(recipient, secrets->file_key, secrets->wrap, out);
    if (!wrapped) {
      out.resize(start);
      return wrapped;
    }
  }
  out += kMacStart;
  std::array<std::uint8_t, kMacBytes> mac{};
  header_mac(secrets->file_key, bytes_of(out).subspan(start), mac);
  out += ' ';
  base64_append(mac, out);
  out += '\n';

  std::array<std::uint8_t, kPayloadNonceBytes> nonce{};
  random_bytes(nonce);
  append(out, nonce);
  derive_payload_key(secrets->file_key, nonce, secrets->payload_key);
  return Done{};
}

void append_chunk(std::span<const std::uint8_t, kPayloadKeyBytes> key, std::uint64_t number,
                  bool is_final, ByteSpan plaintext, std::string& out) {
  const auto nonce = chunk_nonce(number, is_final);
  const MutableByteSpan sealed = grow(out, plaintext.size() + kTagBytes);
  crypto_aead_chacha20poly1305_ietf_encrypt(sealed.data(), nullptr, plaintext.data(),
                                            plaintext.size(), nullptr, 0, nullptr, nonce.data(),
                                            key.data());
}

}  // namespace

Status seal(std::span<const Recipient> recipients, ByteSpan plaintext, std::string& out) {
  SealMemory secrets;
  // Asked for once: growing in steps would copy the file again and again.
  const std::size_t needed =
      out.size() + static_cast<std::size_t>(sealed_bytes(recipients.size(), plaintext.size()));
  if (needed > out.capacity()) out.reserve(needed);
  TRY(append_header(recipients, secrets, out));
  std::uint64_t number = 0;
  for (; plaintext.size() > kChunkBytes; plaintext = plaintext.subspan(kChunkBytes)) {
    append_chunk(secrets->payload_key, number++, false, plaintext.first(kChunkBytes), out);
  }
  append_chunk(secrets->payload_key, number, true, plaintext, out);
  return Done{};
}

Result<SealStream> SealStream::start(std::span<const Recipient> recipients, std::string& out) {
  SealMemory secrets;
  TRY(append_header(recipients, secrets, out));
  SealStream stream;
  std::copy(secrets->payload_key.begin(), secrets->payload_key.end(),
            stream.payload_key_.bytes().begin());
  stream.held_.reserve(kChunkBytes);
  return stream;
}

SealStream::~SealStream() {
  held_.resize(held_.capacity());  // a chunk that went out before may lie behind the end
  wipe(held_);
}

void SealStream::push(ByteSpan plaintext, std::string& out) {
  while (!plaintext.empty()) {
    // A full chunk is only known not to be the final one when more follows it.
    if (held_.size() == kChunkBytes) {
      append_chunk(payload_key_.bytes(), chunk_number_++, false, held_, out);
      held_.clear();
    }
    if (held_.empty() && plaintext.size() > kChunkBytes) {
      append_chunk(payload_key_.bytes(), chunk_number_++, false, plaintext.first(kChunkBytes), out);
      plaintext = plaintext.subspan(kChunkBytes);
      continue;
    }
    const std::size_t count = std::min(plaintext.size(), kChunkBytes - held_.size());
    held_.insert(held_.end(), plaintext.begin(),
                 plaintext.begin() + static_cast<std::ptrdiff_t>(count));
    plaintext = plaintext.subspan(count);
  }
}

void SealStream::finish(std::string& out) {
  append_chunk(payload_key_.bytes(), chunk_number_, true, held_, out);
}

}  // namespace sudare::age
