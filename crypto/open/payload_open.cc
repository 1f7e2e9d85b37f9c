#include "crypto/open/payload_open.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/open/failure.h"

namespace sudare::age::open_side {
namespace {

tl::unexpected<Error> payload_fail(ErrorCode code, Literal what) {
  return open_fail(OpenFailure::kPayload, code, what);
}

}  // namespace

PayloadOpener::PayloadOpener(FileKeySpan file_key,
                             std::span<const std::uint8_t, kPayloadNonceBytes> nonce) {
  derive_payload_key(file_key, nonce, key_.bytes());
}

bool PayloadOpener::open_chunk(bool is_final, ByteSpan sealed, std::string& out) {
  const auto nonce = chunk_nonce(number_, is_final);
  const std::size_t start = out.size();
  const MutableByteSpan plaintext = grow(out, sealed.size() - kTagBytes);
  const int refused = crypto_aead_chacha20poly1305_ietf_decrypt(
      plaintext.data(), nullptr, nullptr, sealed.data(), sealed.size(), nullptr, 0, nonce.data(),
      key_.bytes().data());
  if (refused != 0) {
    out.resize(start);
    return false;
  }
  ++number_;
  return true;
}

// Whether a full chunk is the final one is not known until the file ends, so both are tried, the
// likelier first.
Status PayloadOpener::open_full_chunk(ByteSpan sealed, std::string& out) {
  if (open_chunk(false, sealed, out)) return Done{};
  is_complete_ = open_chunk(true, sealed, out);
  if (is_complete_) return Done{};
  return payload_fail(ErrorCode::kAuthentication, "age payload: a chunk does not authenticate");
}

Status PayloadOpener::push(ByteSpan sealed, std::string& out) {
  while (!sealed.empty()) {
    if (is_complete_) {
      return payload_fail(ErrorCode::kMalformed, "age payload: bytes after the final chunk");
    }
    if (held_.empty() && sealed.size() >= kSealedChunkBytes) {
      TRY(open_full_chunk(sealed.first(kSealedChunkBytes), out));
      sealed = sealed.subspan(kSealedChunkBytes);
      continue;
    }
    const std::size_t count = std::min(sealed.size(), kSealedChunkBytes - held_.size());
    held_.insert(held_.end(), sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(count));
    sealed = sealed.subspan(count);
    if (held_.size() == kSealedChunkBytes) {
      TRY(open_full_chunk(held_, out));
      held_.clear();
    }
  }
  return Done{};
}

Status PayloadOpener::finish(std::string& out) {
  if (is_complete_) return Done{};
  if (held_.size() < kTagBytes) {
    return payload_fail(ErrorCode::kMalformed, "age payload: ends before its final chunk");
  }
  if (held_.size() == kTagBytes && number_ > 0) {
    return payload_fail(ErrorCode::kMalformed, "age payload: the final chunk is empty");
  }
  is_complete_ = open_chunk(true, held_, out);
  if (is_complete_) return Done{};
  return payload_fail(ErrorCode::kAuthentication,
                      "age payload: the final chunk does not authenticate");
}

}  // namespace sudare::age::open_side
