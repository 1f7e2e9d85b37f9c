// From a decoded picture to a sketch: rectangles filled, scaled down to 320 × 180 at most,
// softened. What was averaged away can't be computed back from one sketch; see
// docs/drive-recorder.md for what remains readable, measured.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "clip/options.h"
#include "clip/rebuild/av.h"

namespace sudare::clip::rebuild {

inline constexpr int kSketchWidthMax = 320;
inline constexpr int kSketchHeightMax = 180;

// Luma and colour are averaged over squares of this many pixels of the sketch, then smoothed with
// [1 2 1]/4 in both directions this often. Chosen by measurement (docs/drive-recorder.md).
inline constexpr int kSoftenSquare = 4;
inline constexpr int kSoftenPasses = 2;

class SketchPicture {
 public:
  explicit SketchPicture(std::vector<Fill> fills) : fills_(std::move(fills)) {}

  // The sketch of `decoded` (which may be changed), in yuv420p. Owned by this object until the next
  // call; all of one clip have the first one's size. kFeature for a pixel format that is not
  // handled, kMemory.
  Result<AVFrame*> draw(AVFrame& decoded);

 private:
  Status start(const AVFrame& first);
  Status fill(AVFrame& frame) const;

  std::vector<Fill> fills_;
  FrameOwner sketch_;
  ScalerOwner scaler_;
  int source_width_ = 0;  // of scaler_
  int source_height_ = 0;
  int source_format_ = AV_PIX_FMT_NONE;
};

}  // namespace sudare::clip::rebuild
