#include "tests/testkit/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/testkit/sanitized.h"

namespace {
std::atomic<std::size_t> count{0};
}  // namespace

namespace sudare::testkit {
std::size_t allocations() { return count; }
}  // namespace sudare::testkit

#if !SUDARE_HAS_SANITIZER
void* operator new(std::size_t size) {
  ++count;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
#endif
