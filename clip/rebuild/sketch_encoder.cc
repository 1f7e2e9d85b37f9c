#include "clip/rebuild/sketch_encoder.h"

#include <utility>

#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

constexpr int kMsPerSecond = 1000;
// Quantiser scale, of 1 to 31: detail that softening left is coarse, and 4 keeps flat areas smooth.
constexpr int kQuantiser = 4;
constexpr int kPicturesPerKey = 25;  // five seconds

}  // namespace

Result<SketchEncoder> SketchEncoder::open(int width, int height) {
  const AVCodec* const codec = avcodec_find_encoder_by_name("mpeg4");
  if (codec == nullptr) return reject(Reason::kLibrary, "encoder: libav was built without it");
  SketchEncoder encoder;
  encoder.context_.reset(avcodec_alloc_context3(codec));
  encoder.packet_.reset(av_packet_alloc());
  if (!encoder.context_ || !encoder.packet_) return reject(Reason::kMemory, "encoder: no memory");
  AVCodecContext& context = *encoder.context_;
  context.width = width;
  context.height = height;
  context.pix_fmt = AV_PIX_FMT_YUV420P;
  context.time_base = {1, kMsPerSecond};
  context.gop_size = kPicturesPerKey;
  context.max_b_frames = 0;
  context.thread_count = 1;
  context.flags = AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
  context.global_quality = FF_QP2LAMBDA * kQuantiser;
  const int opened = avcodec_open2(&context, codec, nullptr);
  if (opened < 0) return reject_av(opened, Reason::kLibrary, "encoder: it does not open");
  const Bytes config(context.extradata, static_cast<std::size_t>(context.extradata_size));
  const PictureSize size{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
  TRY(Bitstream stream, Bitstream::open(Codec::kMpeg4, config, size));
  if (!stream.configured()) return reject(Reason::kLibrary, "encoder: no configuration");
  encoder.stream_ = std::move(stream);
  return encoder;
}

Result<SketchEncoder::Encoded> SketchEncoder::encode(AVFrame& sketch, std::int64_t time_ms) {
  sketch.pts = time_ms;
  sketch.pict_type = AV_PICTURE_TYPE_NONE;
  sketch.quality = context_->global_quality;
  int result = avcodec_send_frame(context_.get(), &sketch);
  av_packet_unref(packet_.get());
  if (result >= 0) result = avcodec_receive_packet(context_.get(), packet_.get());
  if (result < 0) return reject_av(result, Reason::kLibrary, "encoder: a picture is refused");
  TRY(const Picture picture,
      stream_->rebuild({packet_->data, static_cast<std::size_t>(packet_->size)}));
  return Encoded{picture.data, (packet_->flags & AV_PKT_FLAG_KEY) != 0};
}

}  // namespace sudare::clip::rebuild
