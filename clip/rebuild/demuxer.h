// Takes a clip apart with libavformat: one video track and, where it is wanted, one sound track.
// Only the container is read: no decoder and, but for MPEG-TS, no bitstream parser is started.
// Edit lists, references to other files, chapters and metadata are not followed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "clip/nal/bytes.h"
#include "clip/rebuild/av.h"
#include "clip/rebuild/bitstream.h"
#include "clip/rebuild/clip_io.h"

namespace sudare::clip::rebuild {

// Time stamps of pictures count ninety-thousandths of a second, whatever the source did: fine
// enough for every usual rate, and the same for all recorders.
inline constexpr int kTicksPerSecond = 90'000;

struct VideoTrack {
  Codec codec = Codec::kNone;
  Buffer config;     // decoder configuration as the container has it; may be empty
  PictureSize size;  // as the container says; 0 × 0 where it does not
};

// One picture or piece of sound, in decoding order.
struct Sample {
  Bytes data;            // until the next call of next()
  std::int64_t dts = 0;  // in ticks; never before the track's last one
  std::int64_t pts = 0;  // ≥ dts
  std::int64_t duration = 0;
  bool key = false;  // the container says so
  bool sound = false;
};

class Demuxer {
 public:
  // kContainer, kNoVideo, kCodec, kFeature, kPictureSize, kMemory, kInput. `file` must outlive it.
  static Result<std::unique_ptr<Demuxer>> open(const ClipFile& file, const Sniffed& sniffed,
                                               bool with_sound);
  ~Demuxer();
  Demuxer(const Demuxer&) = delete;
  Demuxer& operator=(const Demuxer&) = delete;

  [[nodiscard]] const VideoTrack& video() const { return video_; }
  // AudioSpecificConfig of the sound; empty: it is in the samples (ADTS). Nothing: no AAC sound.
  [[nodiscard]] const std::optional<Buffer>& sound_config() const { return sound_config_; }
  // The next sample, or nothing at the end. What is not whole (power was lost) is left out.
  // kPacketBytes, kPictureCount, kFeature, kMemory, kInput.
  Result<std::optional<Sample>> next();
  // After the end: the clip ended in the middle of something.
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  // Where a track's time stamps were and how far they are moved.
  struct Times {
    std::int64_t last = 0;
    std::int64_t step = 0;
    std::int64_t shift = 0;
    bool started = false;
  };

  Demuxer() = default;
  Status open_input(const ClipFile& file, Container container);
  Status pick_tracks(bool with_sound);
  Status pick_video();
  void pick_sound();
  // Reads until a whole packet of a picked track is in `packet`; false at the end.
  Result<bool> read(AVPacket& packet);
  Status check(const AVPacket& packet) const;
  Sample sample_of(const AVPacket& packet);
  void set_times(const AVPacket& packet, const AVStream& stream, Times& times,
                 Sample& sample) const;

  std::unique_ptr<ClipReader> reader_;
  AVFormatContext* format_ = nullptr;
  int video_index_ = -1;
  int sound_index_ = -1;
  VideoTrack video_;
  std::optional<Buffer> sound_config_;
  PacketOwner packet_;
  PacketOwner held_;  // hold_last_: the picture before, which is whole once another follows
  bool hold_last_ = false;
  bool holding_ = false;
  bool truncated_ = false;
  std::uint64_t pictures_ = 0;
  std::int64_t index_entries_ = 0;
  Times video_times_;
  Times sound_times_;
};

}  // namespace sudare::clip::rebuild
