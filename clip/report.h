// What a run of sudare-clip says about itself: one line of JSON on file descriptor 2, made of
// literals and numbers. No text from a clip can be in it: the gateway logs what it says.
#pragma once

#include <cstdint>
#include <string>

#include "base/literal.h"
#include "clip/finding_names.h"

namespace sudare::clip {

// Exit status of sudare-clip. Anything else: it crashed or was killed.
enum Exit : int {
  kExitOk = 0,
  kExitRejected = 1,
  kExitUsage = 2,
  kExitFindings = 3,
  kExitInternal = 4,
};

enum class Outcome : std::uint8_t { kOk, kRejected, kFindings, kInternal };

enum class Reason : std::uint8_t {
  kNone,
  // The clip was refused.
  kContainer,     // not MP4/MOV, MPEG-TS or AVI, or its header is not whole
  kNoVideo,       // no video track
  kCodec,         // none of H.264, H.265, MPEG-4 part 2, MJPEG
  kFeature,       // a feature of container or codec that is not handled (encryption)
  kNoFrame,       // no decodable frame in the window
  kBitstream,     // video data that does not follow its format
  kPictureSize,   // wider or higher than kPictureWidthMax, kPictureHeightMax, or nothing
  kPictureCount,  // more than kPicturesMax
  kPacketBytes,   // a picture of more than kPacketBytesMax
  kClipBytes,     // a clip of more than kClipBytesMax
  // What was rebuilt was found to hold what may not leave (verify).
  kBox,         // a box that may not be there, or at another place
  kTrack,       // a track, handler or sample description that may not be there
  kSampleData,  // bytes of mdat that no sample points at, or samples outside of it
  kNalUnit,     // a NAL unit, SEI or parameter set outside the allow-list
  kVideoData,   // MPEG-4 user data or time code, JPEG application data or comment
  kMarker,      // bytes that tell where, when, who or which device
  // The program, not the clip.
  kSandbox,  // the operating system gave no sandbox
  kMemory,   // out of memory
  kInput,    // the clip can't be read
  kOutput,   // nobody takes what is written
  kLibrary,  // libav failed in a way that it should not
};

enum class Codec : std::uint8_t { kNone, kH264, kH265, kMpeg4, kMjpeg, kH263 };

[[nodiscard]] Literal literal_of(Outcome outcome);
[[nodiscard]] Literal literal_of(Reason reason);
[[nodiscard]] Literal literal_of(Codec codec);

struct Report {
  Outcome outcome = Outcome::kInternal;
  Reason reason = Reason::kNone;
  Codec codec = Codec::kNone;  // of the clip that was read
  std::uint32_t width = 0;     // of the pictures written; inspect: of those read
  std::uint32_t height = 0;
  std::uint64_t frames = 0;    // written
  std::uint64_t skipped = 0;   // sketch: frames that could not be decoded
  std::uint64_t bytes = 0;     // written
  std::int64_t window_ms = 0;  // from the first picture's start to the last one's end
  std::uint64_t findings = 0;  // verify, inspect
  // verify: the finding, by a name of finding_names.h, and where in the stream that it read; both
  // mean nothing without one.
  Literal what = kNoFinding;
  std::uint64_t offset = 0;
  bool truncated = false;      // the clip ended in the middle of something
  bool sound = false;          // sound was written
  std::uint32_t landlock = 0;  // ABI version that was enforced; 0: the kernel has none
};

// Of the report's outcome: the exit status that goes with it.
[[nodiscard]] Exit exit_of(const Report& report);

// {"result":"ok","reason":"none",...}\n, at most kReportBytesMax. Pure.
[[nodiscard]] std::string to_line(const Report& report);

// Under PIPE_BUF: the line is written whole or not at all.
inline constexpr std::size_t kReportBytesMax = 1024;

}  // namespace sudare::clip
