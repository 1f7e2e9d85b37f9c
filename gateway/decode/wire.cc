#include "gateway/decode/wire.h"

#include <array>

namespace sudare {

Status WireReader::skip(Tag tag) {
  if (tag.type == WireType::kGroupBegin) return skip_group(tag.number);
  if (!skip_plain(tag.type)) {
    return fail(ErrorCode::kMalformed, "protobuf: unnamed field is cut off or ends no group");
  }
  return Done{};
}

bool WireReader::skip_plain(WireType type) {
  std::uint64_t number = 0;
  std::uint32_t half = 0;
  std::string_view bytes;
  switch (type) {
    case WireType::kVarint: return varint(number);
    case WireType::kFixed64: return fixed64(number);
    case WireType::kLengthDelimited: return length_delimited(bytes);
    case WireType::kFixed32: return fixed32(half);
    case WireType::kGroupBegin:
    case WireType::kGroupEnd: return false;
  }
  return false;
}

// Without recursion: the numbers of the groups that are open.
Status WireReader::skip_group(std::uint32_t number) {
  std::array<std::uint32_t, kNestingDepthMax> open{};
  std::size_t depth = 0;
  open[depth++] = number;
  while (depth > 0) {
    Tag next;
    if (!tag(next)) return fail(ErrorCode::kMalformed, "protobuf: group is cut off");
    if (next.type == WireType::kGroupBegin) {
      if (depth == open.size()) return fail(ErrorCode::kTooDeep, "protobuf: groups in groups");
      open[depth++] = next.number;
    } else if (next.type == WireType::kGroupEnd) {
      if (open[--depth] != next.number) {
        return fail(ErrorCode::kMalformed, "protobuf: group ends under another number");
      }
    } else if (!skip_plain(next.type)) {
      return fail(ErrorCode::kMalformed, "protobuf: field in a group is cut off");
    }
  }
  return Done{};
}

}  // namespace sudare
