// Sample entries: avc1, hvc1, mp4v, mp4a (ISO/IEC 14496-12, 8.5.2 and 12; 14496-14; 14496-15).
#include <algorithm>

#include "clip/nal/decoder_config.h"
#include "clip/nal/mpeg4.h"
#include "clip/verify/movie.h"

namespace sudare::clip {
namespace {

// The tags of descriptors (ISO/IEC 14496-1, table 1) and the object types that are handled (table
// 5).
constexpr std::uint8_t kStreamDescriptor = 3;
constexpr std::uint8_t kDecoderDescriptor = 4;
constexpr std::uint8_t kDecoderSpecific = 5;
constexpr std::uint8_t kSyncDescriptor = 6;
constexpr std::uint8_t kMpeg4Visual = 0x20;
constexpr std::uint8_t kMpeg4Audio = 0x40;
constexpr std::uint8_t kJpeg = 0x6C;
// AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) has 2 to 7 bytes without a program configuration.
constexpr std::size_t kAudioConfigBytesMax = 16;

Finding refused(Literal what, std::uint64_t offset) { return {Reason::kTrack, what, offset}; }

// Takes a descriptor of this tag from the front of `rest`; its length has up to four bytes.
std::optional<Bytes> descriptor(std::uint8_t tag, Bytes& rest) {
  if (rest.empty() || rest[0] != tag) return {};
  std::size_t length = 0;
  std::size_t at = 1;
  for (; at < rest.size() && at <= 4; ++at) {
    length = length << 7 | (rest[at] & 0x7FU);
    if ((rest[at] & 0x80) == 0) break;
  }
  if (at > 4 || at >= rest.size() || length > rest.size() - at - 1) return {};
  const Bytes content = rest.subspan(at + 1, length);
  rest = rest.subspan(at + 1 + length);
  return content;
}

struct StreamConfig {
  std::uint8_t object_type = 0;
  std::optional<Bytes> specific;
};

std::optional<StreamConfig> read_esds(Bytes content) {
  if (content.size() < 4 || be32(content, 0) != 0) return {};
  Bytes rest = content.subspan(4);
  const auto stream = descriptor(kStreamDescriptor, rest);
  // The stream's id, no flags; a sync layer of MP4's kind (2); nothing else.
  if (!stream || !rest.empty() || stream->size() < 3 || (*stream)[2] != 0) return {};
  Bytes parts = stream->subspan(3);
  const auto decoder = descriptor(kDecoderDescriptor, parts);
  const auto sync = descriptor(kSyncDescriptor, parts);
  constexpr std::size_t kFixed = 13;
  if (!decoder || !sync || !parts.empty() || !matches(*sync, "02")) return {};
  if (decoder->size() < kFixed) return {};
  StreamConfig config;
  config.object_type = (*decoder)[0];
  Bytes more = decoder->subspan(kFixed);
  if (more.empty()) return config;
  config.specific = descriptor(kDecoderSpecific, more);
  if (!config.specific || !more.empty()) return {};
  return config;
}

bool same(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

Verdict read_nal_config(const Box& config, NalCodec codec, Track& track) {
  const auto rebuilt = rebuild_nal_config(codec, config.content);
  if (!rebuilt || !same(rebuilt->bytes, config.content)) {
    return Finding{Reason::kNalUnit, "moov: avcC or hvcC", config.offset};
  }
  track.codec = codec == NalCodec::kH264 ? Codec::kH264 : Codec::kH265;
  track.width = rebuilt->width;
  track.height = rebuilt->height;
  track.sets = rebuilt->sets;
  return {};
}

Verdict read_video_esds(const Box& box, Track& track) {
  const auto config = read_esds(box.content);
  if (!config) return refused("moov: esds", box.offset);
  if (config->object_type == kJpeg && !config->specific) {
    track.codec = Codec::kMjpeg;
    return {};
  }
  if (config->object_type != kMpeg4Visual || !config->specific) {
    return refused("moov: kind of coding", box.offset);
  }
  const auto rebuilt = rebuild_mpeg4_config(*config->specific);
  if (!rebuilt || !same(rebuilt->bytes, *config->specific)) {
    return Finding{Reason::kVideoData, "moov: MPEG-4 configuration", box.offset};
  }
  track.codec = Codec::kMpeg4;
  track.width = rebuilt->width;
  track.height = rebuilt->height;
  return {};
}

// Aspect ratio of a pixel, colours as numbers, bit rates; each at most once.
Verdict read_extensions(BoxSplit& boxes, const Box& entry) {
  if (const auto pixel = boxes.next(box_type("pasp"))) {
    if (pixel->content.size() != 8) return refused("moov: pasp", pixel->offset);
  }
  if (const auto colour = boxes.next(box_type("colr"))) {
    const Bytes content = colour->content;
    if (!matches(content, "6E636C78 00?? 00?? 00?? ??") || (content[10] & 0x7F) != 0) {
      return refused("moov: colr", colour->offset);
    }
  }
  if (const auto rate = boxes.next(box_type("btrt"))) {
    if (rate->content.size() != 12) return refused("moov: btrt", rate->offset);
  }
  if (!boxes.at_end()) return refused("moov: a box in a sample entry", entry.offset);
  return {};
}

// 72 dpi, one picture a sample, no compressor's name, 24 bits, no colour table.
constexpr std::string_view kVisual =
    "000000000000 0001 0000 0000 000000000000000000000000 ???????? 00480000 00480000 00000000 0001"
    "0000000000000000000000000000000000000000000000000000000000000000 0018 FFFF";
constexpr std::size_t kVisualBytes = 78;
constexpr std::string_view kAudio =
    "000000000000 0001 0000 0000 00000000 00?? 0010 0000 0000 ????0000";
constexpr std::size_t kAudioBytes = 28;

Verdict read_audio(const Box& entry) {
  if (entry.type != box_type("mp4a") || entry.content.size() < kAudioBytes ||
      !matches(entry.content.first(kAudioBytes), kAudio)) {
    return refused("moov: audio sample entry", entry.offset);
  }
  BoxSplit boxes(entry.content.subspan(kAudioBytes), entry.content_offset() + kAudioBytes);
  const auto box = boxes.next(box_type("esds"));
  const auto config = box ? read_esds(box->content) : std::nullopt;
  if (!config || config->object_type != kMpeg4Audio || !config->specific ||
      config->specific->size() > kAudioConfigBytesMax) {
    return refused("moov: esds", entry.offset);
  }
  return read_extensions(boxes, entry);
}

Verdict check_sketch(const Box& entry, const Track& track) {
  const std::uint32_t width = be16(entry.content, 24);
  const std::uint32_t height = be16(entry.content, 26);
  if (track.codec != Codec::kMpeg4) return refused("moov: a sketch is MPEG-4", entry.offset);
  if (std::max(width, track.width) > kSketchWidthMax ||
      std::max(height, track.height) > kSketchHeightMax) {
    return refused("moov: size of a sketch", entry.offset);
  }
  return {};
}

}  // namespace

Verdict read_sample_entry(const Box& entry, const VerifyRules& rules, Track& track) {
  if (!track.video) return read_audio(entry);
  if (entry.content.size() < kVisualBytes || !matches(entry.content.first(kVisualBytes), kVisual)) {
    return refused("moov: video sample entry", entry.offset);
  }
  track.width = be16(entry.content, 24);
  track.height = be16(entry.content, 26);
  BoxSplit boxes(entry.content.subspan(kVisualBytes), entry.content_offset() + kVisualBytes);
  const auto config = boxes.next();
  if (!config) return refused("moov: decoder configuration", entry.offset);
  Verdict found;
  if (entry.type == box_type("avc1") && config->type == box_type("avcC")) {
    found = read_nal_config(*config, NalCodec::kH264, track);
  } else if (entry.type == box_type("hvc1") && config->type == box_type("hvcC")) {
    found = read_nal_config(*config, NalCodec::kH265, track);
  } else if (entry.type == box_type("mp4v") && config->type == box_type("esds")) {
    found = read_video_esds(*config, track);
  } else {
    found = refused("moov: kind of coding", entry.offset);
  }
  if (found) return found;
  if (rules.profile == Profile::kSketch) {
    if (auto too_large = check_sketch(entry, track)) return too_large;
  }
  return read_extensions(boxes, entry);
}

}  // namespace sudare::clip
