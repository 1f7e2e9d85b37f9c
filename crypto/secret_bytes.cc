#include "crypto/secret_bytes.h"

#include <sodium.h>

#include <cstdlib>

#include "crypto/crypto_init.h"

namespace sudare {

SecretBuffer::SecretBuffer(std::size_t size) : size_(size) {
  // sodium_malloc before sodium_init would not know the page size.
  if (size == 0) return;
  if (crypto_init()) data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) std::abort();
  wipe(bytes());
}

SecretBuffer::~SecretBuffer() {
  if (data_ != nullptr) sodium_free(data_);
}

bool constant_time_equal(ByteSpan a, ByteSpan b) {
  if (a.size() != b.size()) return false;
  return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(MutableByteSpan bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void random_bytes(MutableByteSpan out) {
  if (!crypto_init()) std::abort();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace sudare
