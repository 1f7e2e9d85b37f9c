// Clean streams of each codec, from real encoders through clip/nal, and a run of verify over one.
#pragma once

#include <string>

#include "clip/verify/verify.h"
#include "tests/unit/clip/box_tree.h"
#include "tests/unit/clip/media.h"

namespace sudare::clip::testing {

// 20 pictures of 160 x 96, ten a second.
CleanTrack h264_track();
CleanTrack h265_track();
CleanTrack mpeg4_track();  // with a group of VOPs at each fifth picture
CleanTrack jpeg_track();
CleanTrack sound_track();  // bytes that stand for AAC

struct VerifyRun {
  Report verified;
  Buffer passed_on;
};
// Feeds `stream` in pieces of `piece` bytes.
VerifyRun verify(Bytes stream, const VerifyRules& rules, std::size_t piece = 4096);

inline constexpr VerifyRules kOriginal{Profile::kOriginalPicture, false};
inline constexpr VerifyRules kOriginalWithSound{Profile::kOriginalPicture, true};
inline constexpr VerifyRules kSketch{Profile::kSketch, false};

// What verify says of a tree: "" where it passes, else its finding.
std::string finding_in(const std::vector<Node>& boxes, const VerifyRules& rules = kOriginal);

}  // namespace sudare::clip::testing
