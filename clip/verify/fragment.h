// A movie fragment box (moof; ISO/IEC 14496-12, 8.8) and which bytes of the mdat behind it belong
// to which sample: all of them, each to one.
#pragma once

#include <cstdint>
#include <vector>

#include "clip/verify/box.h"
#include "clip/verify/finding.h"
#include "clip/verify/movie.h"

namespace sudare::clip {

// A fragment's box and samples; together below 3 MiB of memory. A minute of H.264 at 60 pictures a
// second with sound has 7,000 samples.
inline constexpr std::size_t kFragmentBoxBytesMax = 1024 * 1024;
inline constexpr std::size_t kFragmentSamplesMax = 64 * 1024;

// Times that would lie further apart than this are none: they are bounded so that no time of day
// can be written in their place.
inline constexpr std::uint64_t kGapSecondsMax = 60;

struct Sample {
  std::uint32_t bytes = 0;
  std::uint64_t decode_time = 0;  // in the track's time scale
};

// Samples of one track that lie one behind the other.
struct Run {
  std::size_t track = 0;    // index into Movie::tracks
  std::uint64_t begin = 0;  // from the first byte of the moof
  std::uint64_t bytes = 0;
  std::size_t first = 0;  // index into Fragment::samples
  std::size_t count = 0;
};

struct Fragment {
  std::vector<Sample> samples;
  std::vector<Run> runs;  // in the order of their bytes
};

// What holds over a stream's fragments. One thread.
class FragmentReader {
 public:
  explicit FragmentReader(const VerifyRules& rules) : rules_(rules) {}

  // `fragment` is cleared first; its memory is reused.
  [[nodiscard]] Verdict read(const Box& moof, const Movie& movie, Fragment& fragment);
  // Whether the mdat behind a moof of `moof_bytes` at `offset`, with so many bytes of content, is
  // covered: each byte by one sample.
  [[nodiscard]] static Verdict check_cover(std::uint64_t offset, std::uint64_t moof_bytes,
                                           const Fragment& fragment, std::uint64_t mdat_bytes);

  [[nodiscard]] std::uint64_t pictures() const { return pictures_; }
  // Of the video track, in its time scale.
  [[nodiscard]] std::uint64_t duration() const { return video_end_; }

 private:
  struct Defaults {
    std::uint32_t duration = 0;
    std::uint32_t bytes = 0;
  };
  Verdict read_track_fragment(const Box& traf, const Movie& movie, Fragment& fragment);
  Verdict read_run(const Box& trun, const Track& track, std::size_t index, const Defaults& defaults,
                   Fragment& fragment);

  VerifyRules rules_;
  std::uint32_t sequence_ = 0;
  std::uint64_t pictures_ = 0;
  std::uint64_t video_end_ = 0;
  std::uint64_t ends_[2] = {0, 0};  // per track: decode time behind its last sample
};

}  // namespace sudare::clip
