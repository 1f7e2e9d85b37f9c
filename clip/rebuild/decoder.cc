#include "clip/rebuild/decoder.h"

extern "C" {
#include <libavutil/imgutils.h>
}

#include "clip/rebuild/limits.h"
#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

// libav's own, by name: a distribution may have others for the same codec.
const AVCodec* native_decoder(Codec codec) {
  switch (codec) {
    case Codec::kH264: return avcodec_find_decoder_by_name("h264");
    case Codec::kH265: return avcodec_find_decoder_by_name("hevc");
    case Codec::kMpeg4: return avcodec_find_decoder_by_name("mpeg4");
    case Codec::kMjpeg: return avcodec_find_decoder_by_name("mjpeg");
    case Codec::kH263: return avcodec_find_decoder_by_name("h263");
    case Codec::kNone: break;
  }
  return nullptr;
}

bool is_whole(const AVFrame& frame) {
  return frame.decode_error_flags == 0 && (frame.flags & AV_FRAME_FLAG_CORRUPT) == 0;
}

bool fits(const AVFrame& frame) {
  return frame.width > 0 && frame.height > 0 &&
         static_cast<std::uint32_t>(frame.width) <= kPictureWidthMax &&
         static_cast<std::uint32_t>(frame.height) <= kPictureHeightMax;
}

}  // namespace

Result<Decoder> Decoder::open(const Bitstream& stream) {
  const AVCodec* const codec = native_decoder(stream.codec());
  if (codec == nullptr) return reject(Reason::kCodec, "decoder: libav was built without it");
  Decoder decoder;
  decoder.context_.reset(avcodec_alloc_context3(codec));
  decoder.packet_.reset(av_packet_alloc());
  decoder.frame_.reset(av_frame_alloc());
  if (!decoder.context_ || !decoder.packet_ || !decoder.frame_) {
    return reject(Reason::kMemory, "decoder: no memory");
  }
  AVCodecContext& context = *decoder.context_;
  if (!set_extradata(context, stream.config())) {
    return reject(Reason::kMemory, "decoder: no memory");
  }
  context.width = static_cast<int>(stream.container_size().width);
  context.height = static_cast<int>(stream.container_size().height);
  context.thread_count = 1;
  context.error_concealment = 0;
  context.err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  context.max_pixels = std::int64_t{kPictureWidthMax} * kPictureHeightMax;
  const int opened = avcodec_open2(&context, codec, nullptr);
  if (opened < 0) return reject_av(opened, Reason::kBitstream, "decoder: it does not open");
  return decoder;
}

bool Decoder::put(Bytes sample, std::int64_t pts) {
  // The decoder copies what is not reference-counted, with the padding that its readers need.
  packet_->data = const_cast<std::uint8_t*>(sample.data());
  packet_->size = static_cast<int>(sample.size());
  packet_->pts = pts;
  packet_->dts = AV_NOPTS_VALUE;
  return avcodec_send_packet(context_.get(), packet_.get()) >= 0;
}

void Decoder::put_end() { avcodec_send_packet(context_.get(), nullptr); }

Result<AVFrame*> Decoder::picture() {
  while (true) {
    const int result = avcodec_receive_frame(context_.get(), frame_.get());
    if (result == AVERROR(ENOMEM)) return reject(Reason::kMemory, "decoder: no memory");
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return nullptr;
    if (result < 0 || !is_whole(*frame_)) {
      ++damaged_;
      continue;
    }
    if (!fits(*frame_)) return reject(Reason::kPictureSize, "decoder: picture too large");
    return frame_.get();
  }
}

Result<std::optional<PictureSize>> start_at(const Bitstream& stream,
                                            std::span<const Bytes> samples) {
  TRY(Decoder decoder, Decoder::open(stream));
  std::optional<PictureSize> size;
  for (const Bytes sample : samples) {
    if (!decoder.put(sample, 0)) return size;
  }
  decoder.put_end();
  TRY(const AVFrame* const picture, decoder.picture());
  if (picture != nullptr) {
    size = PictureSize{static_cast<std::uint32_t>(picture->width),
                       static_cast<std::uint32_t>(picture->height)};
  }
  return size;
}

}  // namespace sudare::clip::rebuild
