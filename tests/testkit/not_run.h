// What a test does where a package that it needs is not installed: it says so and is skipped, and
// with SUDARE_MUST_RUN=1 fails. `./dev test` sets that, since it has installed them. What a test
// lacks for another reason (rights, the kernel, a sanitizer) is GTEST_SKIP's.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace sudare::testkit {

inline bool must_run() {
  const char* const value = std::getenv("SUDARE_MUST_RUN");
  return value != nullptr && std::string_view(value) == "1";
}

}  // namespace sudare::testkit

// Ends the test, or its SetUp().
#define SUDARE_NOT_RUN(package)                                                  \
  do {                                                                           \
    if (::sudare::testkit::must_run()) FAIL() << "not installed: " << (package); \
    GTEST_SKIP() << "not run: not installed: " << (package);                     \
  } while (false)
