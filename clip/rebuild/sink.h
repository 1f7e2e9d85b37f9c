// Where the pictures of the window go: into the output as they are, or through the sketch.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "clip/options.h"
#include "clip/rebuild/bitstream.h"
#include "clip/rebuild/clip_io.h"
#include "clip/rebuild/decoder.h"
#include "clip/rebuild/demuxer.h"
#include "clip/rebuild/sound.h"
#include "clip/report.h"

namespace sudare::clip::rebuild {

class Sink {
 public:
  virtual ~Sink() = default;

  // Before the first picture, which has this size and is `first`.
  virtual Status start(PictureSize size, const Sample& first) = 0;
  // `picture` is `sample` rebuilt. In decoding order.
  virtual Status take(const Picture& picture, const Sample& sample) = 0;
  // A piece of sound; also before start().
  virtual Status take_sound(const Sample& sample) = 0;
  // A sample that could not be rebuilt. Fails where the profile promises every picture.
  virtual Status miss(const Error& why) = 0;
  // Everything is written.
  virtual Status finish() = 0;

  // What was written so far: frames, skipped, size, window_ms, sound.
  [[nodiscard]] const Report& report() const { return report_; }

 protected:
  // Of one written picture, in ticks.
  void count(std::int64_t pts, std::int64_t duration);

  Report report_;

 private:
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
};

// The ticks between which something may be written; of the whole clip where there is no window.
struct Span {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
};

// `stream` and `writer` must outlive the sink. With `sound` (find_sound) sound is kept.
std::unique_ptr<Sink> original_picture(const Bitstream& stream, std::optional<Sound> sound,
                                       Span span, ClipWriter& writer);
std::unique_ptr<Sink> sketch(const Bitstream& stream, const std::vector<Fill>& fills, Span span,
                             ClipWriter& writer);

}  // namespace sudare::clip::rebuild
