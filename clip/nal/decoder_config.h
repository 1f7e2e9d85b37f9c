// avcC and hvcC (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1), built from scratch out of the parameter
// sets of a source: every header field comes from the parsed parameter set, not from the source's
// box.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "clip/nal/access_unit.h"
#include "clip/nal/bytes.h"
#include "clip/nal/parameter_set_store.h"

namespace sudare::clip {

struct NalConfig {
  Buffer bytes;  // content of the avcC or hvcC box; lengths in samples are 4 bytes
  NalForm form = NalForm::kAnnexB;  // of the samples in the source
  std::uint32_t width = 0;          // of the first sequence parameter set, cropped
  std::uint32_t height = 0;
  ParameterSetStore sets;  // those in `bytes`
};

// `extradata`: the content of an avcC or hvcC box, or parameter sets (and whatever else) in Annex B
// form. Kept: H.264 SPS and PPS, H.265 VPS, SPS and PPS; dropped: SEI (where x265 puts its
// options), SPS extensions, of those with one id all but the last, everything else. Pure; any
// thread. kMalformed: it does not parse, or a parameter set doesn't to its last bit; kNotFound: no
// SPS or no PPS (or VPS) in it; kTooLarge: limits of ParameterSetStore.
Result<NalConfig> rebuild_nal_config(NalCodec codec, Bytes extradata);

}  // namespace sudare::clip
