// The markers that are fixed bytes.
#pragma once

#include <span>
#include <string_view>

#include "clip/verify/marker.h"

namespace sudare::clip {

struct MarkerLiteral {
  std::string_view bytes;  // at least six
  MarkerKind kind;
  // Where in `bytes` four printable characters begin, which the scan finds it by.
  std::size_t anchor = 0;
};

// Sorted by the byte at the anchor. Lives as long as the program.
[[nodiscard]] std::span<const MarkerLiteral> marker_literals();

// Those whose anchor begins with `first`.
[[nodiscard]] std::span<const MarkerLiteral> marker_literals(std::uint8_t first);

}  // namespace sudare::clip
