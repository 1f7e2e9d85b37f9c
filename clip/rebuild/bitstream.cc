#include "clip/rebuild/bitstream.h"

#include <utility>

#include "clip/nal/decoder_config.h"
#include "clip/nal/mjpeg.h"
#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

constexpr std::size_t kLengthBytes = 4;  // of a NAL unit in what clip/nal writes

NalCodec nal_codec(Codec codec) {
  return codec == Codec::kH264 ? NalCodec::kH264 : NalCodec::kH265;
}

// What a rebuilt sample says of where decoding can start.
struct Entry {
  bool key = false;  // a picture that needs no other: IDR, in H.265 any random access picture
  bool idr = false;  // nothing after it refers to anything before it
};

Entry entry_of(NalCodec codec, Bytes sample) {
  Entry entry;
  while (sample.size() > kLengthBytes) {
    const std::size_t size = be32(sample, 0);
    if (size == 0 || size > sample.size() - kLengthBytes) return entry;
    const unsigned type = type_of(codec, sample.subspan(kLengthBytes, size));
    const bool h264 = codec == NalCodec::kH264;
    entry.idr = entry.idr || (h264 ? type == 5 : type == 19 || type == 20);
    entry.key = entry.key || entry.idr || (!h264 && type >= 16 && type <= 21);
    sample = sample.subspan(kLengthBytes + size);
  }
  return entry;
}

constexpr std::uint8_t kVideoObjectPlane = 0xB6;
constexpr std::uint8_t kGroupOfPlanes = 0xB3;

// Where the headers in front of an MPEG-4 sample end: its first group or picture.
std::size_t header_bytes(Bytes sample) {
  for (std::size_t i = 0; i + 4 <= sample.size(); ++i) {
    if (sample[i] == 0 && sample[i + 1] == 0 && sample[i + 2] == 1 &&
        (sample[i + 3] == kVideoObjectPlane || sample[i + 3] == kGroupOfPlanes)) {
      return i;
    }
  }
  return 0;
}

// vop_coding_type, the first two bits of a picture: 0 is intra.
bool is_intra(Bytes sample) {
  for (std::size_t i = 0; i + 5 <= sample.size(); ++i) {
    if (sample[i] == 0 && sample[i + 1] == 0 && sample[i + 2] == 1 &&
        sample[i + 3] == kVideoObjectPlane) {
      return (sample[i + 4] >> 6U) == 0;
    }
  }
  return false;
}

}  // namespace

Result<Bitstream> Bitstream::open(Codec codec, Bytes config, PictureSize size) {
  Bitstream stream(codec, size);
  switch (codec) {
    case Codec::kMjpeg:
      stream.configured_ = true;  // each picture has its own tables
      return stream;
    case Codec::kH264:
    case Codec::kH265:
    case Codec::kMpeg4:
      if (!config.empty()) {
        TRY(stream.configure(config));
      }
      return stream;
    case Codec::kH263:
    case Codec::kNone: break;
  }
  return reject(Reason::kCodec, "bitstream: a codec that is not rebuilt");
}

Status Bitstream::configure(Bytes config) {
  if (codec_ == Codec::kMpeg4) {
    TRY(Mpeg4Config rebuilt, rebuild_mpeg4_config(config));
    config_ = std::move(rebuilt.bytes);
  } else {
    auto rebuilt = rebuild_nal_config(nal_codec(codec_), config);
    // The first key picture may bring them.
    if (!rebuilt && rebuilt.error().code == ErrorCode::kNotFound) return Done{};
    if (!rebuilt) return tl::unexpected<Error>(rebuilt.error());
    config_ = std::move(rebuilt->bytes);
    form_ = rebuilt->form;
    configured_sets_ = std::move(rebuilt->sets);
    sets_ = configured_sets_;
  }
  configured_ = true;
  return Done{};
}

// What stands in front of the first picture of MPEG-TS and AVI. A sample without it, or with one
// that is broken, is passed over: the next key picture repeats it.
void Bitstream::learn(Bytes sample) {
  if (configured_) return;
  const bool mpeg4 = codec_ == Codec::kMpeg4;
  const Bytes config = mpeg4 ? sample.first(header_bytes(sample)) : sample;
  if (!config.empty()) static_cast<void>(configure(config).has_value());
}

Result<Picture> Bitstream::rebuild(Bytes sample) {
  learn(sample);
  if (!configured_) return Picture{};
  switch (codec_) {
    case Codec::kH264:
    case Codec::kH265: return rebuild_nal(sample);
    case Codec::kMpeg4: return rebuild_mpeg4(sample);
    default: break;
  }
  TRY(filter_mjpeg(sample, size_.height, out_));
  return Picture{out_, true, true};
}

Result<Picture> Bitstream::rebuild_nal(Bytes sample) {
  TRY(const UnitCounts counts, filter_access_unit(nal_codec(codec_), form_, sample, sets_, out_));
  if (counts.pictures == 0) return Picture{};
  const Entry entry = entry_of(nal_codec(codec_), out_);
  return Picture{out_, counts.recovery_points > 0 || entry.key, entry.idr};
}

Result<Picture> Bitstream::rebuild_mpeg4(Bytes sample) {
  TRY(mpeg4_.filter(sample, out_));
  return Picture{out_, is_intra(out_), false, mpeg4_.group_seconds()};
}

}  // namespace sudare::clip::rebuild
