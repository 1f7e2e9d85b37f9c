// Decodes rebuilt samples with libav's own decoders, in this thread. What a decoder would have to
// guess (concealed, or without the pictures it refers to) is no picture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "clip/rebuild/av.h"
#include "clip/rebuild/bitstream.h"

namespace sudare::clip::rebuild {

class Decoder {
 public:
  // For the samples of `stream`, whose configuration must be known. kCodec, kMemory.
  static Result<Decoder> open(const Bitstream& stream);

  // One sample in; call picture() until it has none. False where it can't be decoded: go on with
  // the next. `pts` comes out with its picture.
  [[nodiscard]] bool put(Bytes sample, std::int64_t pts);
  // No more samples: what is held for its order comes out.
  void put_end();
  // The next whole picture in showing order, of kPictureWidthMax × kPictureHeightMax at most; the
  // frame is the decoder's and holds until the next call. kPictureSize, kMemory.
  Result<AVFrame*> picture();  // nullptr: none now
  // Pictures that came out damaged and were passed over.
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }

 private:
  Decoder() = default;

  CodecOwner context_;
  PacketOwner packet_;
  FrameOwner frame_;
  std::uint64_t damaged_ = 0;
};

// The size of the picture that a decoder which has seen nothing else makes of these samples;
// nothing where it makes none.
Result<std::optional<PictureSize>> start_at(const Bitstream& stream,
                                            std::span<const Bytes> samples);

}  // namespace sudare::clip::rebuild
