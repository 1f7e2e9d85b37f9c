#include "crypto/hkdf.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "crypto/secret_bytes.h"

namespace sudare {
namespace {

// One HMAC computation. Its state is as good as the key, so it is wiped.
class Hmac {
 public:
  explicit Hmac(ByteSpan key) {
    // libsodium doesn't accept a null pointer, not even with length 0.
    static constexpr std::uint8_t kNone = 0;
    crypto_auth_hmacsha256_init(&state_, key.empty() ? &kNone : key.data(), key.size());
  }
  ~Hmac() { sodium_memzero(&state_, sizeof state_); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  void update(ByteSpan bytes) {
    if (!bytes.empty()) crypto_auth_hmacsha256_update(&state_, bytes.data(), bytes.size());
  }
  void finish(MutableSha256Span out) { crypto_auth_hmacsha256_final(&state_, out.data()); }

 private:
  crypto_auth_hmacsha256_state state_;
};

}  // namespace

void hmac_sha256(ByteSpan key, std::initializer_list<ByteSpan> parts, MutableSha256Span out) {
  Hmac hmac(key);
  for (const ByteSpan part : parts) hmac.update(part);
  hmac.finish(out);
}

void hkdf_extract(ByteSpan salt, ByteSpan input_key, MutableSha256Span pseudorandom_key) {
  hmac_sha256(salt, {input_key}, pseudorandom_key);
}

void hkdf_expand(ByteSpan pseudorandom_key, std::initializer_list<ByteSpan> info,
                 MutableByteSpan out) {
  assert(out.size() <= kHkdfOutputBytesMax);
  std::array<std::uint8_t, kSha256Bytes> block{};
  std::uint8_t counter = 0;
  while (!out.empty()) {
    Hmac hmac(pseudorandom_key);
    if (counter > 0) hmac.update(block);
    for (const ByteSpan part : info) hmac.update(part);
    ++counter;
    hmac.update({&counter, 1});
    hmac.finish(block);
    const std::size_t count = std::min(out.size(), block.size());
    std::copy_n(block.begin(), count, out.begin());
    out = out.subspan(count);
  }
  wipe(block);
}

void hkdf_sha256(ByteSpan salt, ByteSpan input_key, ByteSpan info, MutableByteSpan out) {
  std::array<std::uint8_t, kSha256Bytes> pseudorandom_key{};
  hkdf_extract(salt, input_key, pseudorandom_key);
  hkdf_expand(pseudorandom_key, {info}, out);
  wipe(pseudorandom_key);
}

void sha256(std::initializer_list<ByteSpan> parts, MutableSha256Span out) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const ByteSpan part : parts) {
    if (!part.empty()) crypto_hash_sha256_update(&state, part.data(), part.size());
  }
  crypto_hash_sha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
}

}  // namespace sudare
