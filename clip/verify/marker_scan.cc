#include "clip/verify/marker_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "clip/verify/marker_literals.h"
#include "clip/verify/marker_text.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kWindowBytes = 64 * 1024;
constexpr std::size_t kBlock = 64;
// A marker begins with so many printable characters.
constexpr std::size_t kAnchor = 4;

// One bit for each of eight bytes, the first one lowest: whether it is printable ASCII.
std::uint64_t printable_8(const std::uint8_t* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = kOnes * 0x80;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  const std::uint64_t low = word & ~kHigh;
  const std::uint64_t from_20 = low + kOnes * 0x60;
  const std::uint64_t is_7f = low + kOnes;
  const std::uint64_t yes = from_20 & ~word & ~is_7f & kHigh;
  // Gathers bit 7 of every byte into the highest byte.
  return (yes >> 7) * 0x0102040810204080 >> 56;
}

std::uint64_t printable_64(const std::uint8_t* at) {
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 8; ++i) mask |= printable_8(at + i * 8) << i * 8;
  return mask;
}

struct Window {
  Bytes bytes;           // what may be looked at
  std::uint64_t offset;  // of its first byte
  const MarkerScan::Found& found;

  void report(MarkerKind kind, std::size_t at, std::size_t length) const {
    found(Marker{kind, offset + at, length});
  }

  void look_at(std::size_t at) const {
    for (const MarkerLiteral& literal : marker_literals(bytes[at])) {
      if (literal.anchor > at) continue;
      const std::size_t begin = at - literal.anchor;
      if (literal.bytes.size() > bytes.size() - begin) continue;
      if (std::memcmp(bytes.data() + begin, literal.bytes.data(), literal.bytes.size()) != 0) {
        continue;
      }
      report(literal.kind, begin, literal.bytes.size());
    }
    if (const auto match = match_text(Place(bytes, at))) {
      report(match->kind, at - match->before, match->before + match->bytes);
    }
  }

  // A box or atom of user data (QuickTime file format, "User Data Atoms"): size, "©" and three
  // letters, then the text's size and language, or iTunes' "data" box.
  void look_at_copyright_sign(std::size_t at) const {
    if (at < 4 || bytes.size() - at < 12) return;
    const std::uint32_t size = be32(bytes, at - 4);
    for (std::size_t i = 1; i < 4; ++i) {
      const unsigned letter = bytes[at + i] | 0x20U;
      if (letter < 'a' || letter > 'z') return;
    }
    const bool text = size == be16(bytes, at + 4) + 12U && size < 4096;
    const bool data = size == be32(bytes, at + 4) + 8 && be32(bytes, at + 8) == 0x64617461;
    if (text || data) report(MarkerKind::kUserData, at - 4, 12);
  }
};

}  // namespace

MarkerScan::MarkerScan() : window_(kWindowBytes + kBlock) {}

// Looks at the places from next_ to `end`. Behind `used_` window_ has room for one more block.
void MarkerScan::scan(std::size_t end, const Found& found) {
  const Window window{Bytes(window_).first(used_), offset_, found};
  std::memset(window_.data() + used_, 0, std::min(kBlock, window_.size() - used_));
  for (std::size_t at = next_; at < end; at += kBlock - kAnchor + 1) {
    const std::uint64_t mask = printable_64(window_.data() + at);
    std::uint64_t anchors = mask & mask >> 1;
    anchors &= anchors >> 2;
    // Bits over 60 can't be told without the next block; they are its first ones.
    anchors &= (std::uint64_t{1} << (kBlock - kAnchor + 1)) - 1;
    for (; anchors != 0; anchors &= anchors - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(anchors));
      if (place >= end) break;
      window.look_at(place);
    }
  }
  for (std::size_t at = next_; at < end; ++at) {
    const void* sign = std::memchr(window_.data() + at, 0xA9, end - at);
    if (sign == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(sign) - window_.data());
    window.look_at_copyright_sign(at);
  }
  next_ = std::max(next_, end);
}

void MarkerScan::feed(Bytes bytes, const Found& found) {
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), kWindowBytes - used_);
    std::memcpy(window_.data() + used_, bytes.data(), taken);
    used_ += taken;
    bytes = bytes.subspan(taken);
    if (used_ <= kMarkerReach) return;
    scan(used_ - kMarkerReach, found);
    if (used_ < kWindowBytes) return;
    // What a marker may look back to, and what was not looked at yet, stays.
    const std::size_t gone = next_ - kMarkerReach;
    std::memmove(window_.data(), window_.data() + gone, used_ - gone);
    used_ -= gone;
    next_ -= gone;
    offset_ += gone;
  }
}

void MarkerScan::finish(const Found& found, std::uint64_t next_offset) {
  scan(used_, found);
  used_ = 0;
  next_ = 0;
  offset_ = next_offset;
}

void scan_markers(Bytes bytes, std::uint64_t offset, const MarkerScan::Found& found) {
  MarkerScan scan;
  scan.finish(found, offset);
  scan.feed(bytes, found);
  scan.finish(found);
}

}  // namespace sudare::clip
