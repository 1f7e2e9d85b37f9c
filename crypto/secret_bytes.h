// Memory for keys: from sodium_malloc (guard pages around it, locked into memory where the system
// allows it, left out of core dumps), wiped when it is freed. Never copied: the compiler refuses.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "crypto/bytes.h"

namespace sudare {

// For simulators of many cars alone, whose keys protect nobody (scripts/lint.sh holds the others to
// it): from now on, secrets of up to kSharedSecretBytesMax bytes share guarded, locked pages. They
// are wiped as ever, but one that is read past its end shows its neighbour. With pages of its own
// for each of their 160,000 keys, ten thousand cars pass the kernel's limit of mappings (65,530).
// Before the first thread that makes secrets.
inline constexpr std::size_t kSharedSecretBytesMax = 64;
void share_secret_pages();

// How often since the program began the system did not lock a secret's pages into memory: they may
// be written to swap, if the unit has any. Any thread.
[[nodiscard]] std::uint64_t secrets_not_locked();

// A number of secret bytes that is known at run time only, zero at first. Owns its memory; movable;
// empty after a move. Each one takes four pages and some system calls: not for a hot loop. Aborts
// where memory is exhausted.
class SecretBuffer {
 public:
  SecretBuffer() = default;
  explicit SecretBuffer(std::size_t size);
  ~SecretBuffer();
  SecretBuffer(SecretBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        shared_(other.shared_) {}
  SecretBuffer& operator=(SecretBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(shared_, other.shared_);
    return *this;
  }
  SecretBuffer(const SecretBuffer&) = delete;             // a secret is moved, never copied
  SecretBuffer& operator=(const SecretBuffer&) = delete;  // a secret is moved, never copied

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] ByteSpan bytes() const { return {data_, size_}; }
  [[nodiscard]] MutableByteSpan bytes() { return {data_, size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  bool shared_ = false;  // its pages
};

// Exactly N secret bytes, zero at first. Owns its memory; movable; must not be used after a move.
template <std::size_t N>
class SecretBytes {
 public:
  SecretBytes() : buffer_(N) {}
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) noexcept = default;
  SecretBytes(const SecretBytes&) = delete;             // a secret is moved, never copied
  SecretBytes& operator=(const SecretBytes&) = delete;  // a secret is moved, never copied
  ~SecretBytes() = default;

  // Copies from where the caller wipes or keeps the original.
  [[nodiscard]] static SecretBytes from(std::span<const std::uint8_t, N> bytes) {
    SecretBytes secret;
    std::copy(bytes.begin(), bytes.end(), secret.bytes().begin());
    return secret;
  }

  [[nodiscard]] static constexpr std::size_t size() { return N; }
  [[nodiscard]] std::span<const std::uint8_t, N> bytes() const {
    assert(buffer_.size() == N);
    return buffer_.bytes().first<N>();
  }
  [[nodiscard]] std::span<std::uint8_t, N> bytes() {
    assert(buffer_.size() == N);
    return buffer_.bytes().first<N>();
  }

 private:
  SecretBuffer buffer_;
};

// Whether two secrets of the same length are equal, in a time that doesn't depend on their bytes.
[[nodiscard]] bool constant_time_equal(ByteSpan a, ByteSpan b);

// Zeroes bytes that held a secret; the compiler can't leave it out.
void wipe(MutableByteSpan bytes);

// Fills from the operating system's random source. Aborts where it fails.
void random_bytes(MutableByteSpan out);

}  // namespace sudare
