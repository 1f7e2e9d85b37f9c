#include "clip/rebuild/sketch_picture.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>

#include "clip/rebuild/bitstream.h"
#include "clip/rebuild/reject.h"
#include "clip/rebuild/soften.h"

namespace sudare::clip::rebuild {
namespace {

constexpr int kThousand = 1000;
constexpr int kSideMin = 16;  // one block of the encoder

// Brightness and two colours, in planes of bytes or of little-endian pairs of bytes.
bool is_handled(const AVPixFmtDescriptor& format) {
  constexpr std::uint64_t kOther =
      AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
      AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_ALPHA;
  return (format.flags & kOther) == 0 && format.nb_components >= 1 && format.comp[0].depth <= 12;
}

// As large as fits, with the shape that is shown (pixels need not be square).
PictureSize size_of(const AVFrame& frame) {
  const AVRational shape = frame.sample_aspect_ratio;
  double width = frame.width;
  const double height = frame.height;
  if (shape.num > 0 && shape.den > 0) width *= av_q2d(shape);
  const double scale = std::min({kSketchWidthMax / width, kSketchHeightMax / height, 1.0});
  const auto even = [](double side, int most) {
    return static_cast<std::uint32_t>(std::clamp(static_cast<int>(side), kSideMin, most) & ~1);
  };
  return {even(width * scale, kSketchWidthMax), even(height * scale, kSketchHeightMax)};
}

// Sets samples [left, right) × [top, bottom) of one component to the middle of its range.
void fill_component(AVFrame& frame, const AVComponentDescriptor& component, int left, int right,
                    int top, int bottom) {
  const unsigned middle = 1U << static_cast<unsigned>(component.depth - 1 + component.shift);
  for (int y = top; y < bottom; ++y) {
    std::uint8_t* row = frame.data[component.plane] +
                        std::ptrdiff_t{y} * frame.linesize[component.plane] + component.offset;
    for (int x = left; x < right; ++x) {
      row[x * component.step] = static_cast<std::uint8_t>(middle);
      if (component.depth > 8)
        row[x * component.step + 1] = static_cast<std::uint8_t>(middle >> 8U);
    }
  }
}

void soften(AVFrame& sketch) {
  for (int i = 0; i < 3; ++i) {
    const int half = i == 0 ? 0 : 1;
    const Plane plane{sketch.data[i], sketch.linesize[i], sketch.width >> half,
                      sketch.height >> half};
    average_squares(plane, kSoftenSquare);
    for (int pass = 0; pass < kSoftenPasses; ++pass) smooth(plane);
  }
}

}  // namespace

Status SketchPicture::fill(AVFrame& frame) const {
  if (fills_.empty()) return Done{};
  // The decoder still refers to the picture for those that follow.
  const int writable = av_frame_make_writable(&frame);
  if (writable < 0) return reject_av(writable, Reason::kLibrary, "sketch: no copy");
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  for (const Fill& fill : fills_) {
    for (int i = 0; i < format.nb_components; ++i) {
      const bool colour = i == 1 || i == 2;
      const int shift_x = colour ? format.log2_chroma_w : 0;
      const int shift_y = colour ? format.log2_chroma_h : 0;
      const int width = AV_CEIL_RSHIFT(frame.width, shift_x);
      const int height = AV_CEIL_RSHIFT(frame.height, shift_y);
      // Rounded outwards.
      const auto low = [](std::uint32_t at, int side) {
        return static_cast<int>(at) * side / kThousand;
      };
      const auto high = [](std::uint32_t at, int side) {
        return std::min((static_cast<int>(at) * side + kThousand - 1) / kThousand, side);
      };
      fill_component(frame, format.comp[i], low(fill.left, width),
                     high(fill.left + fill.width, width), low(fill.top, height),
                     high(fill.top + fill.height, height));
    }
  }
  return Done{};
}

Status SketchPicture::start(const AVFrame& first) {
  const AVPixFmtDescriptor* const format =
      av_pix_fmt_desc_get(static_cast<AVPixelFormat>(first.format));
  if (format == nullptr || !is_handled(*format)) {
    return reject(Reason::kFeature, "sketch: pixel format");
  }
  if (!sketch_) {
    const PictureSize size = size_of(first);
    sketch_.reset(av_frame_alloc());
    if (!sketch_) return reject(Reason::kMemory, "sketch: no memory");
    sketch_->width = static_cast<int>(size.width);
    sketch_->height = static_cast<int>(size.height);
    sketch_->format = AV_PIX_FMT_YUV420P;
    if (av_frame_get_buffer(sketch_.get(), 0) < 0) {
      return reject(Reason::kMemory, "sketch: no memory");
    }
  }
  source_width_ = first.width;
  source_height_ = first.height;
  source_format_ = first.format;
  scaler_.reset(sws_getContext(first.width, first.height, static_cast<AVPixelFormat>(first.format),
                               sketch_->width, sketch_->height, AV_PIX_FMT_YUV420P, SWS_AREA,
                               nullptr, nullptr, nullptr));
  if (!scaler_) return reject(Reason::kFeature, "sketch: it can't be scaled");
  return Done{};
}

Result<AVFrame*> SketchPicture::draw(AVFrame& decoded) {
  if (decoded.width != source_width_ || decoded.height != source_height_ ||
      decoded.format != source_format_) {
    TRY(start(decoded));
  }
  TRY(fill(decoded));
  // The encoder may still hold the last one.
  const int writable = av_frame_make_writable(sketch_.get());
  if (writable < 0) return reject_av(writable, Reason::kLibrary, "sketch: no copy");
  const int rows = sws_scale(scaler_.get(), decoded.data, decoded.linesize, 0, decoded.height,
                             sketch_->data, sketch_->linesize);
  if (rows != sketch_->height) return reject(Reason::kLibrary, "sketch: not scaled");
  soften(*sketch_);
  return sketch_.get();
}

}  // namespace sudare::clip::rebuild
