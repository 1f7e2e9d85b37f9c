#include "clip/report.h"

#include <string_view>

namespace sudare::clip {
namespace {

void add(std::string& line, std::string_view key, std::string_view value) {
  line.append(line.empty() ? "{\"" : ",\"").append(key).append("\":").append(value);
}

void add_name(std::string& line, std::string_view key, Literal name) {
  add(line, key, std::string("\"").append(name.view()).append("\""));
}

}  // namespace

Literal literal_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk: return "ok";
    case Outcome::kRejected: return "rejected";
    case Outcome::kFindings: return "findings";
    case Outcome::kInternal: return "internal";
  }
  return "internal";
}

Literal literal_of(Reason reason) {
  switch (reason) {
    case Reason::kNone: return "none";
    case Reason::kContainer: return "container";
    case Reason::kNoVideo: return "no_video";
    case Reason::kCodec: return "codec";
    case Reason::kFeature: return "feature";
    case Reason::kNoFrame: return "no_frame";
    case Reason::kBitstream: return "bitstream";
    case Reason::kPictureSize: return "picture_size";
    case Reason::kPictureCount: return "picture_count";
    case Reason::kPacketBytes: return "packet_bytes";
    case Reason::kClipBytes: return "clip_bytes";
    case Reason::kBox: return "box";
    case Reason::kTrack: return "track";
    case Reason::kSampleData: return "sample_data";
    case Reason::kNalUnit: return "nal_unit";
    case Reason::kVideoData: return "video_data";
    case Reason::kMarker: return "marker";
    case Reason::kSandbox: return "sandbox";
    case Reason::kMemory: return "memory";
    case Reason::kInput: return "input";
    case Reason::kOutput: return "output";
    case Reason::kLibrary: return "library";
  }
  return "library";
}

Literal literal_of(Codec codec) {
  switch (codec) {
    case Codec::kNone: return "none";
    case Codec::kH264: return "h264";
    case Codec::kH265: return "h265";
    case Codec::kMpeg4: return "mpeg4";
    case Codec::kMjpeg: return "mjpeg";
    case Codec::kH263: return "h263";
  }
  return "none";
}

Exit exit_of(const Report& report) {
  switch (report.outcome) {
    case Outcome::kOk: return kExitOk;
    case Outcome::kRejected: return kExitRejected;
    case Outcome::kFindings: return kExitFindings;
    case Outcome::kInternal: return kExitInternal;
  }
  return kExitInternal;
}

std::string to_line(const Report& report) {
  std::string line;
  add_name(line, "result", literal_of(report.outcome));
  add_name(line, "reason", literal_of(report.reason));
  add_name(line, "codec", literal_of(report.codec));
  add(line, "width", std::to_string(report.width));
  add(line, "height", std::to_string(report.height));
  add(line, "frames", std::to_string(report.frames));
  add(line, "skipped", std::to_string(report.skipped));
  add(line, "bytes", std::to_string(report.bytes));
  add(line, "window_ms", std::to_string(report.window_ms));
  add(line, "findings", std::to_string(report.findings));
  add_name(line, "what", finding_name(report.what.view()));
  add(line, "offset", std::to_string(report.offset));
  add(line, "truncated", report.truncated ? "true" : "false");
  add(line, "sound", report.sound ? "true" : "false");
  add(line, "landlock", std::to_string(report.landlock));
  return line + "}\n";
}

}  // namespace sudare::clip
