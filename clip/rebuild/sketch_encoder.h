// Encodes sketches with libav's own MPEG-4 part 2 encoder (LGPL; never x264 or x265), and rebuilds
// what it wrote through clip/nal like any other.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "clip/rebuild/av.h"
#include "clip/rebuild/bitstream.h"

namespace sudare::clip::rebuild {

class SketchEncoder {
 public:
  // kLibrary, kMemory.
  static Result<SketchEncoder> open(int width, int height);

  [[nodiscard]] const Buffer& config() const { return stream_->config(); }

  struct Encoded {
    Bytes data;  // until the next call
    bool key = false;
  };
  // One picture in, the same one out. `time_ms`: later than the last one.
  Result<Encoded> encode(AVFrame& sketch, std::int64_t time_ms);

 private:
  SketchEncoder() = default;

  CodecOwner context_;
  PacketOwner packet_;
  std::optional<Bitstream> stream_;
};

}  // namespace sudare::clip::rebuild
