#include "clip/nal/nal_unit.h"

#include <cstring>

namespace sudare::clip {
namespace {

NalKind h264_kind(unsigned type) {
  if (type == 1 || type == 5) return NalKind::kPicture;
  if (type == 7 || type == 8) return NalKind::kParameterSet;
  return type == 6 ? NalKind::kSei : NalKind::kOther;
}

NalKind h265_kind(unsigned type) {
  if (type <= 9 || (type >= 16 && type <= 21)) return NalKind::kPicture;
  if (type >= 32 && type <= 34) return NalKind::kParameterSet;
  return type == 39 ? NalKind::kSei : NalKind::kOther;
}

}  // namespace

unsigned type_of(NalCodec codec, Bytes nal) {
  if (nal.empty()) return 0;
  return codec == NalCodec::kH264 ? nal[0] & 0x1FU : nal[0] >> 1 & 0x3FU;
}

NalKind kind_of(NalCodec codec, Bytes nal) {
  if (nal.size() < header_bytes(codec) || (nal[0] & 0x80) != 0) return NalKind::kMalformed;
  if (codec == NalCodec::kH264) return h264_kind(type_of(codec, nal));
  if ((nal[1] & 0x07) == 0) return NalKind::kMalformed;
  const unsigned layer = (nal[0] & 1U) << 5 | nal[1] >> 3;
  return layer == 0 ? h265_kind(type_of(codec, nal)) : NalKind::kOther;
}

Bytes without_padding(Bytes nal) {
  std::size_t end = nal.size();
  for (;;) {
    if (end > 0 && nal[end - 1] == 0) {
      --end;
    } else if (end >= 3 && nal[end - 1] == 3 && nal[end - 2] == 0 && nal[end - 3] == 0) {
      end -= 3;
    } else {
      return nal.first(end);
    }
  }
}

bool holds_start_code(Bytes nal) {
  const std::uint8_t* at = nal.data();
  const std::uint8_t* const end = at + nal.size();
  while (end - at >= 3) {
    at = static_cast<const std::uint8_t*>(
        std::memchr(at, 0, static_cast<std::size_t>(end - at) - 2));
    if (at == nullptr) return false;
    if (at[1] == 0 && at[2] <= 2) return true;
    ++at;
  }
  return false;
}

Buffer rbsp_of(NalCodec codec, Bytes nal) {
  Buffer rbsp;
  if (nal.size() > kSmallNalBytesMax || nal.size() < header_bytes(codec)) return rbsp;
  rbsp.reserve(nal.size());
  unsigned zeros = 0;
  for (const std::uint8_t byte : nal.subspan(header_bytes(codec))) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    rbsp.push_back(byte);
  }
  return rbsp;
}

void append_escaped(Buffer& out, Bytes rbsp) {
  unsigned zeros = 0;
  for (const std::uint8_t byte : rbsp) {
    if (zeros >= 2 && byte <= 3) {
      out.push_back(3);
      zeros = 0;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    out.push_back(byte);
  }
}

}  // namespace sudare::clip
