// The profile original-picture: the coded pictures as they are.
#include <algorithm>
#include <utility>

#include "clip/nal/mpeg4_parts.h"
#include "clip/rebuild/muxer.h"
#include "clip/rebuild/reject.h"
#include "clip/rebuild/sink.h"
#include "clip/rebuild/sound.h"

namespace sudare::clip::rebuild {
namespace {

// Sound that stands in the file before the first picture: a recorder's chunk of one second.
constexpr std::size_t kEarlySoundBytesMax = std::size_t{256} << 10;
// Sound whose time stamps are off by more than this is moved to where they say.
constexpr std::int64_t kSoundDriftMs = 100;

class OriginalPicture final : public Sink {
 public:
  OriginalPicture(const Bitstream& stream, std::optional<Sound> sound, Span span,
                  ClipWriter& writer)
      : stream_(&stream), span_(span), writer_(&writer), sound_(std::move(sound)) {}

  Status start(PictureSize size, const Sample& first) override {
    const MuxedVideo video{stream_->codec(), stream_->config(), size.width, size.height};
    std::optional<SoundTrack> track;
    if (sound_) track = sound_->track();
    TRY(muxer_, Muxer::open(video, track, *writer_));
    report_.width = size.width;
    report_.height = size.height;
    report_.sound = track.has_value();
    zero_ = first.dts;
    span_.from = std::max(span_.from, first.pts);
    if (track) rate_ = track->rate;
    for (const Early& early : std::exchange(early_, {})) {
      TRY(write_sound(early.data, early.pts));
    }
    return Done{};
  }

  Status take(const Picture& picture, const Sample& sample) override {
    const auto seconds =
        static_cast<std::uint64_t>(std::max<std::int64_t>(sample.dts - zero_, 0)) / kTicksPerSecond;
    if (picture.group_seconds > seconds + kTimeCodeSlackSeconds) {
      return reject(Reason::kBitstream, "original picture: a time code ahead of its picture");
    }
    const bool key = picture.entry || report_.frames == 0;
    count(sample.pts, sample.duration);
    return muxer_->write_video(
        {picture.data, sample.dts - zero_, sample.pts - zero_, sample.duration, key});
  }

  Status take_sound(const Sample& sample) override {
    if (!sound_ || sample.pts < span_.from || sample.pts > span_.to) return Done{};
    const Bytes piece = sound_->rebuild(sample.data);
    if (piece.empty()) return Done{};
    if (muxer_) return rate_ > 0 ? write_sound(piece, sample.pts) : Done{};
    early_bytes_ += piece.size();
    early_.push_back({Buffer(piece.begin(), piece.end()), sample.pts});
    while (early_bytes_ > kEarlySoundBytesMax) {
      early_bytes_ -= early_.front().data.size();
      early_.erase(early_.begin());
    }
    return Done{};
  }

  Status miss(const Error& why) override { return tl::unexpected<Error>(why); }

  Status finish() override { return muxer_ ? muxer_->finish() : Done{}; }

 private:
  struct Early {
    Buffer data;
    std::int64_t pts;
  };

  // Sound is counted in its own samples, piece by piece: rounded ticks would make it stutter.
  Status write_sound(Bytes piece, std::int64_t pts) {
    constexpr std::int64_t kPieceSamples = 1024;  // ISO/IEC 14496-3, 4.5.1.1
    if (pts < span_.from) return Done{};
    const std::int64_t at = av_rescale(pts - zero_, rate_, kTicksPerSecond);
    const std::int64_t drift = kSoundDriftMs * rate_ / 1000;
    if (!sound_next_ || at > *sound_next_ + drift) sound_next_ = std::max<std::int64_t>(at, 0);
    if (at < *sound_next_ - drift) return Done{};
    const std::int64_t now = *sound_next_;
    sound_next_ = now + kPieceSamples;
    return muxer_->write_sound({piece, now, now, kPieceSamples, true});
  }

  const Bitstream* stream_;
  Span span_;
  ClipWriter* writer_;
  std::optional<Sound> sound_;
  std::vector<Early> early_;
  std::size_t early_bytes_ = 0;
  std::unique_ptr<Muxer> muxer_;
  std::int64_t zero_ = 0;
  int rate_ = 0;
  std::optional<std::int64_t> sound_next_;
};

}  // namespace

std::unique_ptr<Sink> original_picture(const Bitstream& stream, std::optional<Sound> sound,
                                       Span span, ClipWriter& writer) {
  return std::make_unique<OriginalPicture>(stream, std::move(sound), span, writer);
}

}  // namespace sudare::clip::rebuild
