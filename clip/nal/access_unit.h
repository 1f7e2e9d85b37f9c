// Rebuilds one sample of H.264 or H.265 from the NAL units that may leave (nal_unit.h).
//
// Kept: pictures and parameter sets, in their order, byte for byte but for padding at their ends;
// of SEI messages only the first recovery point, written anew from its parsed fields. Everything
// else is dropped: SEI that does not parse, slices that name no parameter set that is there, of
// parameter sets with one id before a picture all but the last. Does not look further into slices:
// what an encoder hides in the coded picture itself, or behind it in the same unit, stays there
// (the marker scan of clip/verify reads those bytes).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "clip/nal/bytes.h"
#include "clip/nal/nal_unit.h"
#include "clip/nal/parameter_set_store.h"

namespace sudare::clip {

// How the units of a source's samples are set apart: by start codes, or by a big-endian length of
// so many bytes.
enum class NalForm : std::uint8_t { kAnnexB = 0, kLength1 = 1, kLength2 = 2, kLength4 = 4 };

struct UnitCounts {
  std::uint32_t pictures = 0;  // 0: the sample holds nothing to show, leave it out
  std::uint32_t parameter_sets = 0;
  std::uint32_t recovery_points = 0;
  std::uint32_t dropped = 0;
};

// A sample holds at most this many units (pictures of 4K have up to some hundred slices).
inline constexpr std::size_t kUnitsMax = 4096;

// Writes the rebuilt sample into `out` (cleared first; its capacity is reused), every unit with a
// length of 4 bytes whatever the source had. `out` never holds more than `sample` plus 3 bytes for
// each unit and a few for each recovery point. `sets`: those of the decoder configuration and of
// the samples before this one; gets those of this one. Pure but for `out` and `sets`; any thread;
// linear. kMalformed: lengths that don't add up, a unit with a start code inside, a parameter set
// that does not parse to its last bit. kTooLarge: kUnitsMax, the limits of ParameterSetStore. `out`
// is then of no use.
Result<UnitCounts> filter_access_unit(NalCodec codec, NalForm form, Bytes sample,
                                      ParameterSetStore& sets, Buffer& out);

}  // namespace sudare::clip
