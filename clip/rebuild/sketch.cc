// The profile sketch: decoded, thinned out to five pictures a second, drawn small and soft, encoded
// anew. Nothing that the source coded is in the output.
#include <optional>
#include <utility>

#include "clip/rebuild/muxer.h"
#include "clip/rebuild/sink.h"
#include "clip/rebuild/sketch_encoder.h"
#include "clip/rebuild/sketch_picture.h"

namespace sudare::clip::rebuild {
namespace {

constexpr std::int64_t kTicksPerMs = kTicksPerSecond / 1000;
constexpr std::int64_t kPicturesPerSecondMax = 5;
constexpr std::int64_t kInterval = kTicksPerSecond / kPicturesPerSecondMax;

class SketchSink final : public Sink {
 public:
  SketchSink(const Bitstream& stream, const std::vector<Fill>& fills, Span span, ClipWriter& writer)
      : stream_(&stream), span_(span), writer_(&writer), picture_(fills) {}

  Status start(PictureSize /*size*/, const Sample& /*first*/) override {
    TRY(Decoder decoder, Decoder::open(*stream_));
    decoder_ = std::move(decoder);
    return Done{};
  }

  Status take(const Picture& picture, const Sample& sample) override {
    if (!decoder_->put(picture.data, sample.pts)) ++broken_;
    return draw_decoded();
  }

  Status take_sound(const Sample& /*sample*/) override { return Done{}; }

  Status miss(const Error& /*why*/) override {
    ++broken_;
    return Done{};
  }

  Status finish() override {
    if (decoder_) {
      decoder_->put_end();
      TRY(draw_decoded());
    }
    return muxer_ ? muxer_->finish() : Done{};
  }

 private:
  Status draw_decoded() {
    while (true) {
      TRY(AVFrame* const frame, decoder_->picture());
      report_.skipped = broken_ + decoder_->damaged();
      if (frame == nullptr) return Done{};
      const std::int64_t pts = frame->pts;
      const bool due = !last_ || (pts != AV_NOPTS_VALUE && pts >= *last_ + kInterval);
      if (pts < span_.from || pts > span_.to || !due) continue;
      TRY(draw(*frame, pts));
    }
  }

  Status draw(AVFrame& frame, std::int64_t pts) {
    TRY(AVFrame* const drawn, picture_.draw(frame));
    if (!encoder_) {
      TRY(open_output(*drawn, pts));
    }
    // Both count from the first picture; the encoder in milliseconds.
    const std::int64_t ms = (pts - zero_) / kTicksPerMs;
    TRY(const SketchEncoder::Encoded encoded, encoder_->encode(*drawn, ms));
    last_ = pts;
    count(pts, kInterval);
    return muxer_->write_video(
        {encoded.data, ms * kTicksPerMs, ms * kTicksPerMs, kInterval, encoded.key});
  }

  Status open_output(const AVFrame& drawn, std::int64_t pts) {
    TRY(SketchEncoder encoder, SketchEncoder::open(drawn.width, drawn.height));
    encoder_ = std::move(encoder);
    report_.width = static_cast<std::uint32_t>(drawn.width);
    report_.height = static_cast<std::uint32_t>(drawn.height);
    zero_ = pts;
    const MuxedVideo video{Codec::kMpeg4, encoder_->config(), report_.width, report_.height};
    TRY(muxer_, Muxer::open(video, std::nullopt, *writer_));
    return Done{};
  }

  const Bitstream* stream_;
  Span span_;
  ClipWriter* writer_;
  SketchPicture picture_;
  std::optional<Decoder> decoder_;
  std::optional<SketchEncoder> encoder_;
  std::unique_ptr<Muxer> muxer_;
  std::int64_t zero_ = 0;
  std::optional<std::int64_t> last_;
  std::uint64_t broken_ = 0;
};

}  // namespace

void Sink::count(std::int64_t pts, std::int64_t duration) {
  if (report_.frames == 0) first_ = last_ = pts;
  first_ = std::min(first_, pts);
  last_ = std::max(last_, pts + duration);
  ++report_.frames;
  report_.window_ms = (last_ - first_) / kTicksPerMs;
}

std::unique_ptr<Sink> sketch(const Bitstream& stream, const std::vector<Fill>& fills, Span span,
                             ClipWriter& writer) {
  return std::make_unique<SketchSink>(stream, fills, span, writer);
}

}  // namespace sudare::clip::rebuild
