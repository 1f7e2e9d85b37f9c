#include "clip/verify/box.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kHeader = 8;

int digit_value(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

}  // namespace

std::optional<Box> BoxSplit::next() {
  if (rest_.size() < kHeader) return {};
  const std::size_t size = be32(rest_, 0);
  if (size < kHeader || size > rest_.size()) return {};
  const Box box{be32(rest_, 4), rest_.subspan(kHeader, size - kHeader), offset_};
  rest_ = rest_.subspan(size);
  offset_ += size;
  return box;
}

std::optional<Box> BoxSplit::next(std::uint32_t type) {
  if (rest_.size() < kHeader || be32(rest_, 4) != type) return {};
  return next();
}

bool matches(Bytes bytes, std::string_view pattern) {
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < pattern.size();) {
    if (pattern[i] == ' ') {
      ++i;
      continue;
    }
    if (at == bytes.size()) return false;
    const bool any = pattern[i] == '?';
    if (!any && bytes[at] != digit_value(pattern[i]) * 16 + digit_value(pattern[i + 1])) {
      return false;
    }
    ++at;
    i += 2;
  }
  return at == bytes.size();
}

}  // namespace sudare::clip
