#include "clip/nal/mpeg4_parts.h"

#include <cstring>

#include "clip/nal/bit_reader.h"
#include "clip/nal/bit_writer.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kStartCode = 4;

bool starts_part(Bytes bytes, std::size_t at) {
  return bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1;
}

// Where the next start code begins, from `at`; the size where there is none.
std::size_t next_part(Bytes bytes, std::size_t at) {
  while (bytes.size() >= kStartCode && at <= bytes.size() - kStartCode) {
    const void* one = std::memchr(bytes.data() + at + 2, 1, bytes.size() - at - 3);
    if (one == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - bytes.data()) - 2;
    if (starts_part(bytes, at)) return at;
    ++at;
  }
  return bytes.size();
}

// The part up to the bits that `bits` has read, and stuffing: a bit 0 and ones (6.2.1,
// next_start_code).
Buffer ended_with_stuffing(Bytes part, const BitReader& bits) {
  const std::size_t used = bits.position();
  Buffer out(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(kStartCode + used / 8));
  const unsigned kept = used % 8;
  const unsigned last = kept == 0 ? 0U : part[kStartCode + used / 8] & (0xFF00U >> kept);
  out.push_back(static_cast<std::uint8_t>((last & 0xFFU) | (0x7FU >> kept)));
  return out;
}

void quantiser_matrix(BitReader& bits) {
  for (unsigned i = 0; i < 64 && bits.ok(); ++i) {
    if (bits.read(8) == 0) return;
  }
}

void vbv_parameters(BitReader& bits) {
  bits.skip(3);
  if (bits.flag()) bits.skip(79);
}

unsigned bits_for(std::uint32_t resolution) {
  unsigned count = 1;
  while (resolution > 1 && (resolution - 1) >> count != 0) ++count;
  return count;
}

// What follows the size of a rectangular layer. Whether all of it is handled.
bool coding_tools(BitReader& bits, std::uint32_t version) {
  bits.skip(2);  // interlaced, obmc_disable
  const std::uint32_t sprite = bits.read(version == 1 ? 1 : 2);
  constexpr std::uint32_t kGlobalMotion = 2;
  if (sprite == kGlobalMotion) {
    bits.skip(9);
  } else if (sprite != 0) {
    return false;
  }
  if (bits.flag()) bits.skip(8);  // not_8_bit
  if (bits.flag()) {              // quant_type
    if (bits.flag()) quantiser_matrix(bits);
    if (bits.flag()) quantiser_matrix(bits);
  }
  if (version != 1) bits.flag();   // quarter_sample
  if (!bits.flag()) return false;  // complexity estimation
  bits.flag();                     // resync_marker_disable
  if (bits.flag()) bits.flag();    // data_partitioned
  if (version != 1) {
    if (bits.flag()) return false;  // newpred
    bits.flag();
  }
  return !bits.flag();  // scalability
}

}  // namespace

Mpeg4Part mpeg4_part(std::uint8_t code) {
  if (code <= 0x1F) return Mpeg4Part::kVideoObject;
  if (code <= 0x2F) return Mpeg4Part::kVideoObjectLayer;
  switch (code) {
    case 0xB0: return Mpeg4Part::kSequence;
    case 0xB1: return Mpeg4Part::kSequenceEnd;
    case 0xB2: return Mpeg4Part::kUserData;
    case 0xB3: return Mpeg4Part::kGroupOfVops;
    case 0xB5: return Mpeg4Part::kVisualObject;
    case 0xB6: return Mpeg4Part::kVop;
    default: return Mpeg4Part::kOther;
  }
}

std::optional<Bytes> Mpeg4Split::next() {
  if (rest_.empty()) return {};
  if (rest_.size() < kStartCode || !starts_part(rest_, 0)) {
    ok_ = false;
    return {};
  }
  const std::size_t end = next_part(rest_, kStartCode);
  const Bytes part = rest_.first(end);
  rest_ = rest_.subspan(end);
  return part;
}

Result<Mpeg4Layer> rebuild_video_object_layer(Bytes part) {
  BitReader bits(part.subspan(kStartCode));
  std::uint32_t version = 1;
  bits.skip(9);
  if (bits.flag()) {
    version = bits.read(4);
    bits.skip(3);
  }
  constexpr std::uint32_t kExtendedAspect = 15;
  if (bits.read(4) == kExtendedAspect) bits.skip(16);
  if (bits.flag()) vbv_parameters(bits);
  if (bits.read(2) != 0)
    return fail(ErrorCode::kUnsupported, "mpeg4: shape of a video object layer");
  bits.flag();
  const std::uint32_t resolution = bits.read(16);
  bits.flag();
  if (bits.flag()) bits.skip(bits_for(resolution));
  bits.flag();
  Mpeg4Layer layer;
  layer.width = bits.read(13);
  bits.flag();
  layer.height = bits.read(13);
  bits.flag();
  if (!coding_tools(bits, version)) {
    return fail(ErrorCode::kUnsupported, "mpeg4: coding tools of a video object layer");
  }
  if (!bits.ok() || layer.width == 0 || layer.height == 0) {
    return fail(ErrorCode::kMalformed, "mpeg4: video object layer");
  }
  layer.bytes = ended_with_stuffing(part, bits);
  return layer;
}

Result<Buffer> rebuild_visual_object(Bytes part) {
  BitReader bits(part.subspan(kStartCode));
  if (bits.flag()) bits.skip(7);
  constexpr std::uint32_t kVideo = 1;
  if (bits.read(4) != kVideo)
    return fail(ErrorCode::kUnsupported, "mpeg4: type of a visual object");
  if (bits.flag()) {
    bits.skip(4);
    if (bits.flag()) bits.skip(24);
  }
  if (!bits.ok()) return fail(ErrorCode::kMalformed, "mpeg4: visual object");
  return ended_with_stuffing(part, bits);
}

Result<GroupOfVops> parse_group_of_vops(Bytes part) {
  BitReader bits(part.subspan(kStartCode));
  const std::uint32_t hours = bits.read(5);
  const std::uint32_t minutes = bits.read(6);
  bits.flag();
  const std::uint32_t seconds = bits.read(6);
  GroupOfVops group;
  group.seconds = (hours * 60 + minutes) * 60 + seconds;
  group.closed = bits.flag();
  group.broken_link = bits.flag();
  if (!bits.ok() || hours > 23 || minutes > 59 || seconds > 59) {
    return fail(ErrorCode::kMalformed, "mpeg4: group of VOPs");
  }
  return group;
}

Buffer group_of_vops(const GroupOfVops& group) {
  BitWriter bits;
  bits.write(0x000001B3, 32);
  bits.write(group.seconds / 3600, 5);
  bits.write(group.seconds / 60 % 60, 6);
  bits.write(1, 1);
  bits.write(group.seconds % 60, 6);
  bits.write(group.closed ? 1 : 0, 1);
  bits.write(group.broken_link ? 1 : 0, 1);
  bits.write(0x7, 4);  // stuffing
  return bits.bytes();
}

Result<VopTime> parse_vop_time(Bytes part) {
  BitReader bits(part.subspan(kStartCode));
  constexpr std::uint32_t kBidirectional = 2;
  VopTime time;
  time.bidirectional = bits.read(2) == kBidirectional;
  while (bits.ok() && bits.flag()) ++time.seconds;
  if (!bits.ok()) return fail(ErrorCode::kMalformed, "mpeg4: VOP");
  return time;
}

}  // namespace sudare::clip
