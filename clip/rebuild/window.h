// Which pictures of a clip belong to the window: where decoding has to start, and where it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "clip/options.h"
#include "clip/rebuild/clip_file.h"
#include "clip/rebuild/demuxer.h"

namespace sudare::clip::rebuild {

struct WindowStart {
  std::uint64_t sample = 0;  // number of the picture, in decoding order, to start at
  std::int64_t from = 0;     // of the demuxer's ticks
  std::int64_t to = 0;
};

// Reads the clip up to the window: the last picture at or before its start at which decoding can
// begin, else the first one. Nothing is written; a second pass does that, so that what lies before
// need not be held in memory. Errors of Demuxer; kNoFrame where the clip ends before the window.
Result<WindowStart> find_start(const ClipFile& file, const Sniffed& sniffed, const Window& window);

// The end of the window in decoding order. A picture that is shown after the end still belongs to
// the clip where one that is shown before refers to it: it waits until that is known.
class WindowEnd {
 public:
  // Without `to`: the end of the clip.
  explicit WindowEnd(std::optional<std::int64_t> to) : to_(to) {}

  // Whether the picture waits (it was copied) instead of being taken now. Before one is taken,
  // take_waiting() has those that it may refer to.
  bool wait(const Sample& sample);
  struct Waiting {
    Buffer data;
    Sample sample;  // `data` of it is not set
  };
  [[nodiscard]] std::vector<Waiting> take_waiting();
  // Nothing that follows can belong to the window.
  [[nodiscard]] bool over(const Sample& sample) const;

 private:
  std::optional<std::int64_t> to_;
  std::vector<Waiting> waiting_;
};

}  // namespace sudare::clip::rebuild
