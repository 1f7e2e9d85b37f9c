// Whether AddressSanitizer or ThreadSanitizer is in this program, and then in those that it starts:
// they take much memory, own operator new, and stop at no leak where a debugger looks on.
#pragma once

#if defined(__has_feature)
#define SUDARE_HAS_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SUDARE_HAS_SANITIZER 1
#else
#define SUDARE_HAS_SANITIZER 0
#endif

namespace sudare::testkit {

inline constexpr bool kSanitized = SUDARE_HAS_SANITIZER;

}  // namespace sudare::testkit
