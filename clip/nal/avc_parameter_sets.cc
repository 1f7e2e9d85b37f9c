// H.264's parameter sets. The functions follow the syntax tables of the standard, line by line.
#include <array>

#include "clip/nal/bit_reader.h"
#include "clip/nal/parameter_sets.h"
#include "clip/nal/vui.h"

namespace sudare::clip {
namespace {

// 7.3.2.1.1.1
void scaling_list(BitReader& bits, unsigned size) {
  int last = 8;
  int next = 8;
  for (unsigned i = 0; i < size && bits.ok(); ++i) {
    if (next != 0) next = (last + bits.se() % 256 + 256) % 256;
    if (next != 0) last = next;
  }
}

void scaling_lists(BitReader& bits, unsigned count) {
  for (unsigned i = 0; i < count && bits.ok(); ++i) {
    if (bits.flag()) scaling_list(bits, i < 6 ? 16 : 64);
  }
}

// E.1.2
void hrd_parameters(BitReader& bits) {
  const unsigned count = bits.ue(31) + 1;
  bits.skip(8);
  for (unsigned i = 0; i < count && bits.ok(); ++i) {
    bits.ue();
    bits.ue();
    bits.flag();
  }
  bits.skip(20);
}

// E.1.1
void vui_parameters(BitReader& bits) {
  read_vui_beginning(bits);
  if (bits.flag()) bits.skip(65);  // timing
  const bool nal_hrd = bits.flag();
  if (nal_hrd) hrd_parameters(bits);
  const bool vcl_hrd = bits.flag();
  if (vcl_hrd) hrd_parameters(bits);
  if (nal_hrd || vcl_hrd) bits.flag();
  bits.flag();        // pic_struct_present_flag
  if (bits.flag()) {  // bitstream restriction
    bits.flag();
    for (unsigned i = 0; i < 6; ++i) bits.ue();
  }
}

bool has_chroma_format(std::uint32_t profile) {
  constexpr std::array<std::uint32_t, 13> kProfiles{100, 110, 122, 244, 44,  83, 86,
                                                    118, 128, 138, 139, 134, 135};
  for (const std::uint32_t one : kProfiles) {
    if (one == profile) return true;
  }
  return false;
}

void picture_order(BitReader& bits) {
  const std::uint32_t type = bits.ue(2);
  if (type == 0) bits.ue(12);
  if (type != 1) return;
  bits.flag();
  bits.se();
  bits.se();
  const std::uint32_t count = bits.ue(255);
  for (std::uint32_t i = 0; i < count && bits.ok(); ++i) bits.se();
}

// Widths of 4,096 macroblocks are far over level 6.2.
constexpr std::uint32_t kMacroblocksMax = 4096;

void picture_size(BitReader& bits, SequenceInfo& info) {
  const std::uint32_t width = (bits.ue(kMacroblocksMax) + 1) * 16;
  const std::uint32_t map_units = bits.ue(kMacroblocksMax) + 1;
  const bool frames_only = bits.flag();
  if (!frames_only) bits.flag();
  bits.flag();  // direct_8x8_inference_flag
  const std::uint32_t height = map_units * 16 * (frames_only ? 1 : 2);
  std::uint32_t crop_width = 0;
  std::uint32_t crop_height = 0;
  if (bits.flag()) {
    const std::uint32_t unit_x = info.chroma_format == 1 || info.chroma_format == 2 ? 2 : 1;
    const std::uint32_t unit_y = (info.chroma_format == 1 ? 2 : 1) * (frames_only ? 1 : 2);
    crop_width = bits.ue(width);
    crop_width = (crop_width + bits.ue(width)) * unit_x;
    crop_height = bits.ue(height);
    crop_height = (crop_height + bits.ue(height)) * unit_y;
  }
  if (crop_width >= width || crop_height >= height) return bits.fail();
  info.width = width - crop_width;
  info.height = height - crop_height;
}

// 7.3.2.2. How many 8x8 lists there are is said by the sequence parameter set that is in force
// then; a unit that fits one of the two counts is taken.
bool pps_fits(Bytes rbsp, unsigned lists_8x8) {
  BitReader bits(rbsp);
  bits.ue(255);
  bits.ue(31);
  bits.skip(2);
  // One slice group: maps of several (Baseline and Extended profile) have room for anything, and
  // hardly a decoder takes them.
  bits.ue(0);
  bits.ue(31);
  bits.ue(31);
  bits.skip(3);
  bits.se();
  bits.se();
  bits.se();
  bits.skip(3);
  if (bits.ok() && !bits.at_trailing_bits()) {
    const bool transform_8x8 = bits.flag();
    if (bits.flag()) scaling_lists(bits, 6 + (transform_8x8 ? lists_8x8 : 0));
    bits.se();
  }
  return bits.at_trailing_bits();
}

}  // namespace

Result<SequenceInfo> parse_h264_sps(Bytes nal) {
  const Buffer rbsp = rbsp_of(NalCodec::kH264, nal);
  BitReader bits(rbsp);
  SequenceInfo info{};
  for (unsigned i = 0; i < 3; ++i)
    info.profile_tier_level[i] = static_cast<std::uint8_t>(bits.read(8));
  bits.ue(31);
  if (has_chroma_format(info.profile_tier_level[0])) {
    info.chroma_format = static_cast<std::uint8_t>(bits.ue(3));
    if (info.chroma_format == 3) bits.flag();
    info.luma_bits_over_8 = static_cast<std::uint8_t>(bits.ue(6));
    info.chroma_bits_over_8 = static_cast<std::uint8_t>(bits.ue(6));
    bits.flag();
    if (bits.flag()) scaling_lists(bits, info.chroma_format != 3 ? 8 : 12);
  } else {
    info.chroma_format = 1;
  }
  bits.ue(12);  // log2_max_frame_num_minus4
  picture_order(bits);
  bits.ue(16);
  bits.flag();
  picture_size(bits, info);
  if (bits.flag()) vui_parameters(bits);
  if (!bits.at_trailing_bits())
    return fail(ErrorCode::kMalformed, "nal: h264 sequence parameter set");
  return info;
}

Status check_h264_pps(Bytes nal) {
  const Buffer rbsp = rbsp_of(NalCodec::kH264, nal);
  if (pps_fits(rbsp, 2) || pps_fits(rbsp, 6)) return Done{};
  return fail(ErrorCode::kMalformed, "nal: h264 picture parameter set");
}

}  // namespace sudare::clip
