// The movie box (moov) of a fragmented MP4: which boxes may be in it, in which order, and which of
// their fields may hold something other than a constant.
#pragma once

#include <cstdint>
#include <vector>

#include "clip/nal/parameter_set_store.h"
#include "clip/options.h"
#include "clip/verify/box.h"
#include "clip/verify/finding.h"

namespace sudare::clip {

// A movie box holds at most this many bytes: parameter sets make it up, real ones are below 4 KiB.
inline constexpr std::size_t kMovieBytesMax = 128 * 1024;

// What `sketch` promises of its pictures (docs/drive-recorder.md).
inline constexpr std::uint32_t kSketchWidthMax = 320;
inline constexpr std::uint32_t kSketchHeightMax = 180;
inline constexpr std::uint32_t kSketchPicturesPerSecondMax = 5;

struct VerifyRules {
  Profile profile = Profile::kSketch;
  bool sound = false;
};

struct Track {
  std::uint32_t id = 0;
  bool video = false;
  std::uint32_t timescale = 1;
  Codec codec = Codec::kNone;  // of a video track
  std::uint32_t width = 0;     // of the decoder configuration; for JPEG of the sample entry
  std::uint32_t height = 0;
  ParameterSetStore sets;  // of H.264's and H.265's configuration
};

struct Movie {
  std::vector<Track> tracks;  // one video track, first or second; at most one sound track
};

// Pure; any thread.
[[nodiscard]] Verdict read_movie(const Box& moov, const VerifyRules& rules, Movie& movie);

// Of read_movie: the one entry of a track's sample description (stsd), with avcC, hvcC or esds.
[[nodiscard]] Verdict read_sample_entry(const Box& entry, const VerifyRules& rules, Track& track);

}  // namespace sudare::clip
