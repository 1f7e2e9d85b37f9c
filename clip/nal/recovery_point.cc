#include "clip/nal/recovery_point.h"

#include "clip/nal/bit_reader.h"
#include "clip/nal/bit_writer.h"

namespace sudare::clip {
namespace {

constexpr std::uint32_t kPayloadType = 6;
// MaxFrameNum is at most 2^16 (H.264 7.4.2.1.1), MaxPicOrderCntLsb too (H.265 7.4.3.2.1).
constexpr std::uint32_t kFramesMax = 65535;
constexpr std::int32_t kPocMax = 32768;

// The type or the size of an SEI message: 255s and a last byte (H.264 7.3.2.3.1).
std::optional<std::uint32_t> sei_number(Bytes rbsp, std::size_t& at) {
  std::uint32_t value = 0;
  while (at < rbsp.size()) {
    const std::uint8_t byte = rbsp[at++];
    value += byte;
    if (byte != 255) return value;
  }
  return {};
}

std::optional<RecoveryPoint> parse(NalCodec codec, Bytes payload) {
  BitReader bits(payload);
  RecoveryPoint point;
  point.count =
      codec == NalCodec::kH264 ? static_cast<std::int32_t>(bits.ue(kFramesMax)) : bits.se();
  point.exact_match = bits.flag();
  point.broken_link = bits.flag();
  if (codec == NalCodec::kH264) {
    point.changing_slice_group = static_cast<std::uint8_t>(bits.read(2));
    if (point.changing_slice_group > 2) return {};
  } else if (point.count < -kPocMax || point.count > kPocMax) {
    return {};
  }
  if (!bits.ok()) return {};
  return point;
}

}  // namespace

std::optional<RecoveryPoint> recovery_point_in(NalCodec codec, Bytes nal) {
  const Buffer rbsp = rbsp_of(codec, nal);
  std::size_t at = 0;
  // The last byte holds the trailing bits.
  while (at + 1 < rbsp.size()) {
    const auto type = sei_number(rbsp, at);
    const auto size = sei_number(rbsp, at);
    if (!type || !size || *size > rbsp.size() - at) return {};
    if (*type == kPayloadType) return parse(codec, Bytes(rbsp).subspan(at, *size));
    at += *size;
  }
  return {};
}

Buffer sei_of(NalCodec codec, const RecoveryPoint& point) {
  BitWriter payload;
  if (codec == NalCodec::kH264) {
    payload.ue(static_cast<std::uint32_t>(point.count));
  } else {
    payload.se(point.count);
  }
  payload.write(point.exact_match ? 1 : 0, 1);
  payload.write(point.broken_link ? 1 : 0, 1);
  if (codec == NalCodec::kH264) payload.write(point.changing_slice_group, 2);
  if (!payload.aligned()) payload.trailing_bits();

  Buffer rbsp{kPayloadType, static_cast<std::uint8_t>(payload.bytes().size())};
  append(rbsp, payload.bytes());
  rbsp.push_back(0x80);
  // nal_ref_idc 0 and type 6; or type 39, layer 0, temporal id 0.
  Buffer nal = codec == NalCodec::kH264 ? Buffer{0x06} : Buffer{39 << 1, 0x01};
  append_escaped(nal, rbsp);
  return nal;
}

}  // namespace sudare::clip
