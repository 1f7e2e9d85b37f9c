// Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2) inside bytes that are all there.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "clip/nal/bytes.h"

namespace sudare::clip {

// "moov" as the number that a box's type is.
constexpr std::uint32_t box_type(const char (&name)[5]) {
  std::uint32_t type = 0;
  for (unsigned i = 0; i < 4; ++i) type = type << 8 | static_cast<std::uint8_t>(name[i]);
  return type;
}

struct Box {
  std::uint32_t type = 0;
  Bytes content;
  std::uint64_t offset = 0;  // of the box in the stream
  [[nodiscard]] std::uint64_t content_offset() const { return offset + 8; }
};

// Takes boxes one after another. Sizes of 64 bits and "to the end" don't occur in what may leave:
// they count as malformed.
class BoxSplit {
 public:
  BoxSplit(Bytes bytes, std::uint64_t offset) : rest_(bytes), offset_(offset) {}
  explicit BoxSplit(const Box& parent) : BoxSplit(parent.content, parent.content_offset()) {}

  // Nothing at the end, or where the next box does not fit.
  std::optional<Box> next();
  // The next box where it has this type; nothing, and it stays, where it has another.
  std::optional<Box> next(std::uint32_t type);
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  Bytes rest_;
  std::uint64_t offset_;
};

// Whether `bytes` are what `pattern` says, no more and no less: pairs of hex digits, "??" for any
// byte, spaces between them as one likes.
[[nodiscard]] bool matches(Bytes bytes, std::string_view pattern);

}  // namespace sudare::clip
