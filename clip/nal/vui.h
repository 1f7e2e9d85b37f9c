// What the video usability information of H.264 (E.1.1) and of H.265 (E.2.1) begin with alike:
// aspect ratio, overscan, signal type, chroma location.
#pragma once

#include "clip/nal/bit_reader.h"

namespace sudare::clip {

inline void read_vui_beginning(BitReader& bits) {
  constexpr unsigned kExtendedSar = 255;
  if (bits.flag() && bits.read(8) == kExtendedSar) bits.skip(32);
  if (bits.flag()) bits.flag();  // overscan
  if (bits.flag()) {             // video signal type
    bits.skip(4);
    if (bits.flag()) bits.skip(24);
  }
  if (bits.flag()) {  // chroma location
    bits.ue(5);
    bits.ue(5);
  }
}

}  // namespace sudare::clip
