// One picture of Motion JPEG (ITU-T T.81, annex B; OpenDML AVI 1.02 for two fields in a sample),
// rebuilt from the segments that a decoder needs: SOI, DQT, DHT, DRI, SOF0–2, SOS with its coded
// data and RSTn, EOI. APPn and COM are dropped, with two exceptions that change the picture and are
// written anew: AVI1's field order and Adobe's colour transform. Tables that no scan names are
// dropped. What follows EOI is dropped; a second field (another SOI) directly behind it is not.
#pragma once

#include "base/result.h"
#include "clip/nal/bytes.h"

namespace sudare::clip {

// Writes the rebuilt sample into `out` (cleared first). `container_height`: 0 where it is not
// known. Pure but for `out`; any thread; linear. A picture cut off inside its coded data gets an
// EOI. kMalformed: no SOI, no coded data, a segment longer than the sample, tables that don't add
// up, that are defined twice or more often than jpeg::PictureRules allow; kUnsupported: arithmetic,
// lossless or hierarchical coding.
Status filter_mjpeg(Bytes sample, std::uint32_t container_height, Buffer& out);

}  // namespace sudare::clip
