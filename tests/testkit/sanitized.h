// Whether AddressSanitizer or ThreadSanitizer is in this program, and then in those that it starts:
// they take much memory, own operator new, and stop at no leak where a debugger looks on.
#pragma once

namespace sudare::testkit {

#if defined(__has_feature)
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace sudare::testkit
