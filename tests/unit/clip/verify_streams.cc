#include "tests/unit/clip/verify_streams.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "clip/nal/decoder_config.h"
#include "clip/nal/mjpeg.h"
#include "clip/nal/mpeg4.h"
#include "clip/nal/mpeg4_parts.h"
#include "clip/nal/nal_split.h"
#include "tests/testkit/clip_memory.h"

namespace sudare::clip::testing {
namespace {

// Cuts an Annex B stream behind each picture (the encoders here write one slice a picture).
std::vector<Buffer> access_units(NalCodec codec, Bytes stream) {
  std::vector<Buffer> units;
  Buffer unit;
  NalSplit split(NalForm::kAnnexB, stream);
  while (const auto nal = split.next()) {
    append(unit, Buffer{0, 0, 1});
    append(unit, *nal);
    if (kind_of(codec, *nal) != NalKind::kPicture) continue;
    units.push_back(unit);
    unit.clear();
  }
  return units;
}

CleanTrack nal_track(NalCodec codec, const char* encoder, const char* file) {
  Media media;
  const Buffer stream =
      media.picture(file, encoder,
                    codec == NalCodec::kH264
                        ? std::vector<std::string>{"-x264-params", "slices=1:keyint=8:bframes=0"}
                        : std::vector<std::string>{"-x265-params", "log-level=none:bframes=0"});
  CleanTrack track;
  const auto config = rebuild_nal_config(codec, stream);
  if (!config) throw std::runtime_error("configuration");
  track.entry = codec == NalCodec::kH264 ? video_entry("avc1", leaf("avcC", config->bytes))
                                         : video_entry("hvc1", leaf("hvcC", config->bytes));
  Buffer out;
  ParameterSetStore sets = config->sets;
  for (const Buffer& unit : access_units(codec, stream)) {
    if (!filter_access_unit(codec, NalForm::kAnnexB, unit, sets, out))
      throw std::runtime_error("sample");
    track.samples.push_back(out);
  }
  return track;
}

}  // namespace

CleanTrack h264_track() { return nal_track(NalCodec::kH264, "libx264", "a.h264"); }
CleanTrack h265_track() { return nal_track(NalCodec::kH265, "libx265", "a.hevc"); }

CleanTrack mpeg4_track() {
  Media media;
  const Buffer stream = media.picture("a.bin", "mpeg4", {"-g", "5", "-f", "m4v"});
  CleanTrack track;
  Buffer config;
  Buffer sample;
  Buffer out;
  Mpeg4Filter filter;
  bool started = false;
  Mpeg4Split split(stream);
  while (const auto part = split.next()) {
    const Mpeg4Part kind = mpeg4_part((*part)[3]);
    started = started || kind == Mpeg4Part::kGroupOfVops || kind == Mpeg4Part::kVop;
    append(started ? sample : config, *part);
    if (kind != Mpeg4Part::kVop) continue;
    if (!filter.filter(sample, out)) throw std::runtime_error("sample");
    track.samples.push_back(out);
    sample.clear();
  }
  track.entry = video_entry("mp4v", esds(0x20, rebuild_mpeg4_config(config)->bytes));
  return track;
}

CleanTrack jpeg_track() {
  Media media;
  CleanTrack track;
  const Buffer picture = media.picture("a.jpg", "mjpeg", {"-frames:v", "1"});
  Buffer out;
  if (!filter_mjpeg(picture, 96, out)) throw std::runtime_error("sample");
  track.samples.assign(20, out);
  track.entry = video_entry("mp4v", esds(0x6C, {}));
  return track;
}

CleanTrack sound_track() {
  CleanTrack track;
  track.handler = "soun";
  Buffer content = hex("000000000000 0001 0000 0000 00000000 0002 0010 0000 0000 BB800000");
  const Buffer config = hex("1190");
  append(content, write_boxes({esds(0x40, config)}));
  track.entry = leaf("mp4a", content);
  track.samples.assign(20, Buffer(100, 0x21));
  return track;
}

VerifyRun verify(Bytes stream, const VerifyRules& rules, std::size_t piece) {
  testkit::MemorySource source(stream, piece);
  testkit::MemorySink sink;
  VerifyRun run;
  run.verified = verify_stream(source, sink, rules);
  run.passed_on = std::move(sink.out);
  return run;
}

std::string finding_in(const std::vector<Node>& boxes, const VerifyRules& rules) {
  const VerifyRun run = verify(write_boxes(boxes), rules);
  if (run.verified.outcome == Outcome::kOk) return "";
  if (finding_name(run.verified.what.view()) != run.verified.what) return "not in finding_names.cc";
  return std::string(literal_of(run.verified.reason).view()) + ": " +
         std::string(run.verified.what.view());
}

}  // namespace sudare::clip::testing
