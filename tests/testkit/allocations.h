// How often a program took memory by operator new. Linking this replaces its operators; under a
// sanitizer, which has its own, nothing is counted (sanitized.h).
#pragma once

#include <cstddef>

namespace sudare::testkit {

// By all threads, since the start.
[[nodiscard]] std::size_t allocations();

}  // namespace sudare::testkit
