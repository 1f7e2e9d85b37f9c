#include "clip/nal/parameter_set_store.h"

#include <algorithm>

#include "clip/nal/bit_reader.h"
#include "clip/nal/hevc_syntax.h"

namespace sudare::clip {
namespace {

constexpr unsigned kAvcSequence = 7;
constexpr unsigned kHevcVideo = 32;
constexpr unsigned kHevcSequence = 33;

constexpr std::uint32_t kAvcPictureIdMax = 255;
constexpr std::uint32_t kHevcPictureIdMax = 63;
constexpr std::uint32_t kSequenceIdMax = 31;

bool is_picture_set(NalCodec codec, unsigned type) {
  return codec == NalCodec::kH264 ? type == 8 : type == 34;
}

std::uint32_t id_of(unsigned type, BitReader& bits) {
  switch (type) {
    case kAvcSequence: bits.skip(24); return bits.ue(kSequenceIdMax);
    case kHevcVideo: return bits.read(4);
    case kHevcSequence: {
      bits.skip(4);
      const unsigned max_sub_layers_minus1 = bits.read(3);
      bits.flag();
      profile_tier_level(bits, max_sub_layers_minus1, nullptr);
      return bits.ue(kSequenceIdMax);
    }
    default: return bits.ue(kAvcPictureIdMax);
  }
}

}  // namespace

ParameterSetKey key_of(NalCodec codec, Bytes nal) {
  const Buffer rbsp = rbsp_of(codec, nal);
  BitReader bits(rbsp);
  const unsigned type = type_of(codec, nal);
  return {type, id_of(type, bits)};
}

Status ParameterSetStore::add(NalCodec codec, Bytes nal) {
  if (nal.size() > kParameterSetBytesMax) return fail(ErrorCode::kTooLarge, "nal: parameter set");
  const unsigned type = type_of(codec, nal);
  const bool picture = is_picture_set(codec, type);
  std::vector<Buffer>& seen = seen_[picture ? 0 : type == kHevcVideo ? 2 : 1];
  const bool known = std::any_of(seen.begin(), seen.end(), [nal](const Buffer& one) {
    return std::equal(one.begin(), one.end(), nal.begin(), nal.end());
  });
  if (!known) {
    if (seen.size() == (picture ? kPictureSetsMax : kSequenceSetsMax)) {
      return fail(ErrorCode::kTooLarge, "nal: number of parameter sets");
    }
    seen.emplace_back(nal.begin(), nal.end());
  }
  const Buffer rbsp = rbsp_of(codec, nal);
  BitReader bits(rbsp);
  const std::uint32_t id = id_of(type, bits);
  if (picture) {
    sequence_of_picture_[id] = static_cast<std::int16_t>(bits.ue(kSequenceIdMax));
  } else if (type != kHevcVideo) {
    sequences_.set(id);
  }
  return Done{};
}

bool ParameterSetStore::can_decode(NalCodec codec, Bytes nal) const {
  const Buffer rbsp = rbsp_of(codec, nal.first(std::min(nal.size(), kSliceHeadBytes)));
  BitReader bits(rbsp);
  std::uint32_t picture = 0;
  if (codec == NalCodec::kH264) {                       // 7.3.3
    constexpr std::uint32_t kMacroblocksMax = 139'264;  // level 6.2
    constexpr std::uint32_t kSliceTypeMax = 9;
    bits.ue(kMacroblocksMax);
    bits.ue(kSliceTypeMax);
    picture = bits.ue(kAvcPictureIdMax);
  } else {  // 7.3.6.1
    const unsigned type = type_of(codec, nal);
    bits.flag();                                // first_slice_segment_in_pic_flag
    if (type >= 16 && type <= 23) bits.flag();  // no_output_of_prior_pics_flag
    picture = bits.ue(kHevcPictureIdMax);
  }
  if (!bits.ok()) return false;
  const std::int16_t sequence = sequence_of_picture_[picture];
  return sequence >= 0 && sequences_.test(static_cast<std::size_t>(sequence));
}

}  // namespace sudare::clip
