// The markers that are a syntax: dates, coordinates, addresses, numbers of devices and cars. Each
// matcher asks whether one begins at a place in a stretch of bytes. Pure; any thread; constant
// time.
#pragma once

#include <cstddef>
#include <optional>

#include "clip/nal/bytes.h"
#include "clip/verify/marker.h"

namespace sudare::clip {

// A place in some bytes. Outside of them stand zeros, which are part of no marker.
class Place {
 public:
  Place(Bytes bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  [[nodiscard]] char operator[](std::ptrdiff_t from_here) const {
    const std::ptrdiff_t index = static_cast<std::ptrdiff_t>(at_) + from_here;
    if (index < 0 || index >= static_cast<std::ptrdiff_t>(bytes_.size())) return 0;
    return static_cast<char>(bytes_[static_cast<std::size_t>(index)]);
  }

 private:
  Bytes bytes_;
  std::size_t at_;
};

struct TextMatch {
  MarkerKind kind;
  std::size_t before = 0;  // bytes that belong to it before the place (an e-mail's local part)
  std::size_t bytes = 0;   // from the place on
};

// Nothing in nearly all cases, after one or two comparisons.
[[nodiscard]] std::optional<TextMatch> match_text(const Place& place);

}  // namespace sudare::clip
