// Puts the result together: fragmented MP4, front to back, with libavformat's muxer kept to what
// identifies nothing. One video track, at most one sound track; no metadata, no creation time, no
// chapter, no edit list, no name of handler or encoder, the same time scale for all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "clip/rebuild/av.h"
#include "clip/rebuild/clip_io.h"
#include "clip/rebuild/demuxer.h"

namespace sudare::clip::rebuild {

struct MuxedVideo {
  Codec codec = Codec::kNone;
  Bytes config;  // avcC, hvcC or DecoderSpecificInfo; empty: none (MJPEG)
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

struct SoundTrack {
  Buffer config;  // AudioSpecificConfig
  int rate = 0;
  int channels = 0;
};

// What is written for a picture or a piece of sound. Video in ticks, sound in samples of its rate.
struct MuxedSample {
  Bytes data;
  std::int64_t dts = 0;  // later than the track's last one
  std::int64_t pts = 0;
  std::int64_t duration = 0;
  bool key = true;
};

class Muxer {
 public:
  // Writes the header. kOutput, kLibrary, kMemory. `writer` must outlive it.
  static Result<std::unique_ptr<Muxer>> open(const MuxedVideo& video,
                                             const std::optional<SoundTrack>& sound,
                                             ClipWriter& writer);
  ~Muxer();
  Muxer(const Muxer&) = delete;
  Muxer& operator=(const Muxer&) = delete;

  Status write_video(const MuxedSample& sample) { return write(0, sample); }
  Status write_sound(const MuxedSample& sample) { return write(1, sample); }
  // Everything is out.
  Status finish();

 private:
  explicit Muxer(ClipWriter& writer) : writer_(&writer) {}
  Status add_video(const MuxedVideo& video);
  Status add_sound(const SoundTrack& sound);
  Status write_header();
  Status write(int track, const MuxedSample& sample);
  Status checked(int result, Literal what) const;

  ClipWriter* writer_;
  AVFormatContext* format_ = nullptr;
  PacketOwner packet_;
};

}  // namespace sudare::clip::rebuild
