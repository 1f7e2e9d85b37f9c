// libav's objects with owners.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

#include <cstdint>
#include <cstring>
#include <memory>

#include "clip/nal/bytes.h"
#include "clip/report.h"

namespace sudare::clip::rebuild {

struct AvEnd {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
using PacketOwner = std::unique_ptr<AVPacket, AvEnd>;
using FrameOwner = std::unique_ptr<AVFrame, AvEnd>;
using CodecOwner = std::unique_ptr<AVCodecContext, AvEnd>;
using ScalerOwner = std::unique_ptr<SwsContext, AvEnd>;

// Options by name; what a callee does not know stays inside.
class AvOptions {
 public:
  AvOptions() = default;
  ~AvOptions() { av_dict_free(&options_); }
  AvOptions(const AvOptions&) = delete;
  AvOptions& operator=(const AvOptions&) = delete;
  void set(const char* name, const char* value) { av_dict_set(&options_, name, value, 0); }
  void set(const char* name, std::int64_t value) { av_dict_set_int(&options_, name, value, 0); }
  AVDictionary** get() { return &options_; }
  // An option that nobody took: it protects nothing.
  [[nodiscard]] bool used() const { return av_dict_count(options_) == 0; }

 private:
  AVDictionary* options_ = nullptr;
};

[[nodiscard]] inline Codec codec_of(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_H264: return Codec::kH264;
    case AV_CODEC_ID_HEVC: return Codec::kH265;
    case AV_CODEC_ID_MPEG4: return Codec::kMpeg4;
    case AV_CODEC_ID_MJPEG: return Codec::kMjpeg;
    case AV_CODEC_ID_H263: return Codec::kH263;
    default: return Codec::kNone;
  }
}

[[nodiscard]] inline AVCodecID id_of(Codec codec) {
  switch (codec) {
    case Codec::kH264: return AV_CODEC_ID_H264;
    case Codec::kH265: return AV_CODEC_ID_HEVC;
    case Codec::kMpeg4: return AV_CODEC_ID_MPEG4;
    case Codec::kMjpeg: return AV_CODEC_ID_MJPEG;
    case Codec::kH263: return AV_CODEC_ID_H263;
    case Codec::kNone: break;
  }
  return AV_CODEC_ID_NONE;
}

// A copy of `config` as extradata of `parameters` or a codec context; false where memory ran out.
template <class WithExtradata>
[[nodiscard]] bool set_extradata(WithExtradata& target, Bytes config) {
  if (config.empty()) return true;
  target.extradata =
      static_cast<std::uint8_t*>(av_mallocz(config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (target.extradata == nullptr) return false;
  std::memcpy(target.extradata, config.data(), config.size());
  target.extradata_size = static_cast<int>(config.size());
  return true;
}

}  // namespace sudare::clip::rebuild
