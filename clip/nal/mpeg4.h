// MPEG-4 part 2 (ISO/IEC 14496-2, 6.2): start codes 00 00 01 xx set its parts apart. user_data (B2)
// is dropped wherever it stands; the time code in a group of VOPs (B3) is counted anew from the
// clip's start, since a recorder writes the time of day there. Dropping or zeroing it instead
// breaks B-VOPs, whose vectors are scaled by the times of the VOPs around them.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "clip/nal/bytes.h"

namespace sudare::clip {

struct Mpeg4Config {
  Buffer bytes;  // what belongs into esds' DecoderSpecificInfo
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

// The decoder configuration (visual object sequence, visual object, video object, video object
// layer), without user_data. Pure; any thread. kMalformed: bytes before the first start code, a
// part other than these, one of them twice, a layer that does not parse to its end; kNotFound: no
// video object layer in it.
Result<Mpeg4Config> rebuild_mpeg4_config(Bytes config);

// The samples of one clip, in decoding order. One thread at a time.
class Mpeg4Filter {
 public:
  // Writes the rebuilt sample into `out` (cleared first). Never longer than `sample`. Headers that
  // are repeated before a VOP are kept; stuffing and whatever follows a sequence's end code is
  // dropped. kMalformed: no VOP in it, bytes before the first start code, a part that has no place
  // in a sample, a header or group twice.
  Status filter(Bytes sample, Buffer& out);
  // The time code that the last sample's group was given: whole seconds since the first sample. The
  // caller compares it with the sample's own time (kTimeCodeSlackSeconds). 0 where it had none.
  [[nodiscard]] std::uint32_t group_seconds() const { return group_seconds_; }

 private:
  Status group_of_vops(Bytes part, Buffer& out);

  std::int64_t base_s_ = 0;   // seconds since the clip's start at which the last VOP's second began
  std::int64_t shift_s_ = 0;  // the source's time code less base_s_, once has_shift_
  bool has_shift_ = false;
  std::uint32_t group_seconds_ = 0;
};

}  // namespace sudare::clip
