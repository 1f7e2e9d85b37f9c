// H.265's parameter sets. The functions follow the syntax tables of the standard, line by line.
#include "clip/nal/bit_reader.h"
#include "clip/nal/hevc_syntax.h"
#include "clip/nal/parameter_sets.h"

namespace sudare::clip {
namespace {

constexpr unsigned kMaxSubLayersMinus1 = 6;
// Level 6.2 allows 8192 × 4320, one side up to 16888.
constexpr std::uint32_t kSideMax = 16888;

void sub_layer_ordering(BitReader& bits, unsigned max_sub_layers_minus1) {
  const unsigned first = bits.flag() ? 0 : max_sub_layers_minus1;
  for (unsigned i = first; i <= max_sub_layers_minus1; ++i) {
    bits.ue();
    bits.ue();
    bits.ue();
  }
}

void vps_timing(BitReader& bits, unsigned max_sub_layers_minus1) {
  bits.skip(64);
  if (bits.flag()) bits.ue();
  const std::uint32_t count = bits.ue(1024);
  HrdParameters hrd;
  for (std::uint32_t i = 0; i < count && bits.ok(); ++i) {
    bits.ue(1023);
    const bool common = i == 0 || bits.flag();
    hrd.read(bits, common, max_sub_layers_minus1);
  }
}

void picture_size(BitReader& bits, SequenceInfo& info) {
  info.width = bits.ue(kSideMax);
  info.height = bits.ue(kSideMax);
  if (!bits.flag()) return;
  const std::uint32_t unit_x = info.chroma_format == 1 || info.chroma_format == 2 ? 2 : 1;
  const std::uint32_t unit_y = info.chroma_format == 1 ? 2 : 1;
  std::uint32_t x = bits.ue(kSideMax);
  x = (x + bits.ue(kSideMax)) * unit_x;
  std::uint32_t y = bits.ue(kSideMax);
  y = (y + bits.ue(kSideMax)) * unit_y;
  if (x >= info.width || y >= info.height) return bits.fail();
  info.width -= x;
  info.height -= y;
}

void coding_tools(BitReader& bits) {
  for (unsigned i = 0; i < 6; ++i) bits.ue();  // block and transform sizes
  if (bits.flag() && bits.flag()) h265_scaling_lists(bits);
  bits.skip(2);
  if (bits.flag()) {  // pcm
    bits.skip(8);
    bits.ue();
    bits.ue();
    bits.flag();
  }
}

void reference_pictures(BitReader& bits, std::uint32_t poc_bits) {
  ReferencePictureSets().read(bits, bits.ue(64));
  if (!bits.flag()) return;
  const std::uint32_t count = bits.ue(32);
  for (std::uint32_t i = 0; i < count; ++i) bits.skip(poc_bits + 1);
}

// Which extensions follow: range, multilayer, 3D, screen content, four reserved.
struct Extensions {
  bool range = false;
  bool multilayer = false;
  bool others = false;
};
Extensions extensions(BitReader& bits) {
  Extensions read;
  if (!bits.flag()) return read;
  read.range = bits.flag();
  read.multilayer = bits.flag();
  read.others = bits.read(6) != 0;
  return read;
}

void tiles(BitReader& bits) {
  const std::uint32_t columns = bits.ue(kSideMax);
  const std::uint32_t rows = bits.ue(kSideMax);
  if (!bits.flag()) {
    for (std::uint32_t i = 0; i < columns + rows && bits.ok(); ++i) bits.ue();
  }
  bits.flag();
}

void pps_range_extension(BitReader& bits, bool transform_skip) {
  if (transform_skip) bits.ue();
  bits.flag();
  if (bits.flag()) {
    bits.ue();
    const std::uint32_t count = bits.ue(5) + 1;
    for (std::uint32_t i = 0; i < 2 * count; ++i) bits.se();
  }
  bits.ue();
  bits.ue();
}

// Up to the picture parameter set's lists and extensions; whether transform_skip is enabled.
bool pps_tools(BitReader& bits) {
  bits.ue(63);
  bits.ue(15);
  bits.skip(7);
  bits.ue(14);
  bits.ue(14);
  bits.se();
  bits.flag();
  const bool transform_skip = bits.flag();
  if (bits.flag()) bits.ue();  // cu_qp_delta
  bits.se();
  bits.se();
  bits.skip(4);
  const bool has_tiles = bits.flag();
  bits.flag();
  if (has_tiles) tiles(bits);
  bits.flag();
  if (bits.flag()) {  // deblocking filter control
    bits.flag();
    if (!bits.flag()) {
      bits.se();
      bits.se();
    }
  }
  return transform_skip;
}

}  // namespace

Status check_h265_vps(Bytes nal) {
  const Buffer rbsp = rbsp_of(NalCodec::kH265, nal);
  BitReader bits(rbsp);
  bits.skip(12);
  const std::uint32_t max_sub_layers_minus1 = bits.read(3);
  bits.skip(17);
  if (max_sub_layers_minus1 > kMaxSubLayersMinus1) bits.fail();
  profile_tier_level(bits, max_sub_layers_minus1, nullptr);
  sub_layer_ordering(bits, max_sub_layers_minus1);
  const std::uint32_t max_layer_id = bits.read(6);
  const std::uint32_t layer_sets = bits.ue(1023);
  bits.skip(std::size_t{layer_sets} * (max_layer_id + 1));
  if (bits.flag()) vps_timing(bits, max_sub_layers_minus1);
  if (bits.ok() && bits.flag()) return fail(ErrorCode::kUnsupported, "nal: h265 vps extension");
  if (!bits.at_trailing_bits()) return fail(ErrorCode::kMalformed, "nal: h265 video parameter set");
  return Done{};
}

Result<SequenceInfo> parse_h265_sps(Bytes nal) {
  const Buffer rbsp = rbsp_of(NalCodec::kH265, nal);
  BitReader bits(rbsp);
  SequenceInfo info{};
  bits.skip(4);
  const std::uint32_t max_sub_layers_minus1 = bits.read(3);
  if (max_sub_layers_minus1 > kMaxSubLayersMinus1) bits.fail();
  info.sub_layers = static_cast<std::uint8_t>(max_sub_layers_minus1 + 1);
  info.temporal_id_nested = bits.flag();
  profile_tier_level(bits, max_sub_layers_minus1, &info);
  bits.ue(15);
  info.chroma_format = static_cast<std::uint8_t>(bits.ue(3));
  if (info.chroma_format == 3) bits.flag();
  picture_size(bits, info);
  info.luma_bits_over_8 = static_cast<std::uint8_t>(bits.ue(7));
  info.chroma_bits_over_8 = static_cast<std::uint8_t>(bits.ue(7));
  const std::uint32_t poc_bits = bits.ue(12) + 4;
  sub_layer_ordering(bits, max_sub_layers_minus1);
  coding_tools(bits);
  reference_pictures(bits, poc_bits);
  bits.skip(2);
  if (bits.flag()) h265_vui_parameters(bits, max_sub_layers_minus1);
  const Extensions more = extensions(bits);
  if (bits.ok() && more.others) return fail(ErrorCode::kUnsupported, "nal: h265 sps extension");
  if (more.range) bits.skip(9);
  if (more.multilayer) bits.flag();
  if (!bits.at_trailing_bits())
    return fail(ErrorCode::kMalformed, "nal: h265 sequence parameter set");
  return info;
}

Status check_h265_pps(Bytes nal) {
  const Buffer rbsp = rbsp_of(NalCodec::kH265, nal);
  BitReader bits(rbsp);
  const bool transform_skip = pps_tools(bits);
  if (bits.flag()) h265_scaling_lists(bits);
  bits.flag();
  bits.ue();
  bits.flag();
  const Extensions more = extensions(bits);
  if (bits.ok() && (more.others || more.multilayer)) {
    return fail(ErrorCode::kUnsupported, "nal: h265 pps extension");
  }
  if (more.range) pps_range_extension(bits, transform_skip);
  if (!bits.at_trailing_bits())
    return fail(ErrorCode::kMalformed, "nal: h265 picture parameter set");
  return Done{};
}

Status check_parameter_set(NalCodec codec, Bytes nal) {
  const unsigned type = type_of(codec, nal);
  if (codec == NalCodec::kH264 && type == 8) return check_h264_pps(nal);
  if (codec == NalCodec::kH265 && type == 32) return check_h265_vps(nal);
  if (codec == NalCodec::kH265 && type == 34) return check_h265_pps(nal);
  if (codec == NalCodec::kH264 && type == 7) {
    TRY(parse_h264_sps(nal));
    return Done{};
  }
  if (codec == NalCodec::kH265 && type == 33) {
    TRY(parse_h265_sps(nal));
    return Done{};
  }
  return fail(ErrorCode::kMalformed, "nal: no parameter set");
}

}  // namespace sudare::clip
