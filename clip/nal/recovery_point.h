// The recovery point SEI message (H.264 D.1.8 and D.2.8, H.265 D.2.8 and D.3.8; payload type 6 in
// both): the one that is kept. Without it a decoder shows nothing of a clip that is cut at a
// picture other than an IDR.
#pragma once

#include <cstdint>
#include <optional>

#include "clip/nal/bytes.h"
#include "clip/nal/nal_unit.h"

namespace sudare::clip {

struct RecoveryPoint {
  std::int32_t count = 0;  // H.264: recovery_frame_cnt, 0…65535; H.265: recovery_poc_cnt, ±32768
  bool exact_match = false;
  bool broken_link = false;
  std::uint8_t changing_slice_group = 0;  // H.264 only, 0…2
};

// The first recovery point among the messages of an SEI unit; nothing where there is none, or the
// unit doesn't parse up to there. Pure; any thread.
[[nodiscard]] std::optional<RecoveryPoint> recovery_point_in(NalCodec codec, Bytes nal);

// An SEI unit with this message and no other, as it is written always: equal fields, equal bytes.
[[nodiscard]] Buffer sei_of(NalCodec codec, const RecoveryPoint& point);

}  // namespace sudare::clip
