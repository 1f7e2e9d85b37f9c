#include "crypto/secret_bytes.h"

#include <sodium.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <vector>

#include "base/guarded.h"
#include "crypto/crypto_init.h"

namespace sudare {
namespace {

// As many as fit a page of 4 KiB beside what sodium_malloc keeps there.
constexpr std::size_t kSlotsPerPage = 63;

// Free places for small secrets, in memory from sodium_malloc. Used again and never given back.
using FreePlaces = std::vector<std::uint8_t*>;

Guarded<FreePlaces>& free_places() {
  static Guarded<FreePlaces> places;  // made before the first secret, so that it goes after all
  return places;
}

std::atomic<std::uint64_t> not_locked{0};

std::uint8_t* allocate(std::size_t bytes) {
  // sodium_malloc before sodium_init would not know the page size.
  if (!crypto_init()) std::abort();
  auto* memory = static_cast<std::uint8_t*>(sodium_malloc(bytes));
  if (memory == nullptr) std::abort();
  // sodium_malloc goes on where the pages can't be locked; asked once more, the system says so.
  if (mlock(memory, bytes) != 0) not_locked.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

std::uint8_t* take_place() {
  return free_places().with([](FreePlaces& places) {
    if (places.empty()) {
      std::uint8_t* page = allocate(kSlotsPerPage * kSharedSecretBytesMax);
      for (std::size_t i = 0; i < kSlotsPerPage; ++i) {
        places.push_back(page + i * kSharedSecretBytesMax);
      }
    }
    std::uint8_t* place = places.back();
    places.pop_back();
    return place;
  });
}

bool share_pages = false;

}  // namespace

std::uint64_t secrets_not_locked() { return not_locked.load(std::memory_order_relaxed); }

void share_secret_pages() { share_pages = true; }

SecretBuffer::SecretBuffer(std::size_t size)
    : size_(size), shared_(share_pages && size <= kSharedSecretBytesMax) {
  if (size == 0) return;
  data_ = shared_ ? take_place() : allocate(size);
  wipe(bytes());
}

SecretBuffer::~SecretBuffer() {
  if (data_ == nullptr) return;
  if (shared_) {
    wipe(bytes());
    free_places().with([this](FreePlaces& places) { places.push_back(data_); });
  } else {
    sodium_free(data_);
  }
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
