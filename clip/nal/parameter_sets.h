// Parameter sets of H.264 (7.3.2.1, 7.3.2.2, annex E) and H.265 (7.3.2.1–7.3.2.3, annex E), parsed
// to their last bit: what stands behind their syntax would be a place to hide data in. They are
// never written anew. Extensions for several layers, 3D and screen content are not handled.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "clip/nal/bytes.h"
#include "clip/nal/nal_unit.h"

namespace sudare::clip {

// What avcC and hvcC repeat from a sequence parameter set.
struct SequenceInfo {
  std::uint32_t width = 0;  // of the cropped picture
  std::uint32_t height = 0;
  std::uint8_t chroma_format = 1;
  std::uint8_t luma_bits_over_8 = 0;
  std::uint8_t chroma_bits_over_8 = 0;
  std::uint8_t sub_layers = 1;      // H.265
  bool temporal_id_nested = false;  // H.265
  std::uint8_t
      profile_tier_level[12];  // H.265: the general part; H.264: profile, constraints, level
};

// `nal` is a unit with its header and without padding, of the type that the name says. kMalformed:
// it ends before its syntax or goes on behind it, or a value is out of range; kUnsupported. Pure.
Result<SequenceInfo> parse_h264_sps(Bytes nal);
Status check_h264_pps(Bytes nal);
Status check_h265_vps(Bytes nal);
Result<SequenceInfo> parse_h265_sps(Bytes nal);
Status check_h265_pps(Bytes nal);

// The one of the above that the unit's type asks for. kMalformed where it is no parameter set.
Status check_parameter_set(NalCodec codec, Bytes nal);

}  // namespace sudare::clip
