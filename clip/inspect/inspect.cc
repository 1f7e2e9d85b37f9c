#include "clip/inspect/inspect.h"

#include "clip/inspect/walk.h"
#include "clip/verify/marker_scan.h"

namespace sudare::clip {
namespace {

constexpr std::uint8_t kSync = 0x47;  // of MPEG-TS packets (ISO/IEC 13818-1, 2.4.3.2)
constexpr std::size_t kPacket = 188;
constexpr std::size_t kTimedPacket = 192;  // M2TS: four bytes of time before each

bool synced(FileWindow& file, std::size_t first, std::size_t packet) {
  constexpr std::size_t kPackets = 5;
  for (std::size_t i = 0; i < kPackets; ++i) {
    const Bytes byte = file.at(first + i * packet, 1);
    if (byte.empty()) return i >= 2;
    if (byte[0] != kSync) return false;
  }
  return true;
}

bool begins_mp4(std::uint32_t type) {
  for (const std::uint32_t one : {four("ftyp"), four("moov"), four("mdat"), four("wide"),
                                  four("free"), four("skip"), four("pnot"), four("styp")}) {
    if (type == one) return true;
  }
  return false;
}

Container inspect_container(FileWindow& file, Findings& findings) {
  const Bytes head = file.at(0, 12);
  if (head.size() < 8) return Container::kUnknown;
  if (be32(head, 0) == four("RIFF") && head.size() == 12 && be32(head, 8) == four("AVI ")) {
    inspect_avi(file, findings);
    return Container::kAvi;
  }
  if (begins_mp4(be32(head, 4))) {
    inspect_mp4(file, findings);
    return Container::kMp4;
  }
  if (be16(head, 0) == 0xFFD8) {
    inspect_jpeg(file, {0, file.size()}, {"jpeg"}, findings);
    return Container::kJpeg;
  }
  for (const auto& [first, packet] :
       {std::pair{std::size_t{0}, kPacket}, {std::size_t{4}, kTimedPacket}}) {
    if (!synced(file, first, packet)) continue;
    inspect_transport_stream(file, packet, findings);
    return Container::kTransportStream;
  }
  return Container::kUnknown;
}

Status scan_all(InspectFile& file, Findings& findings) {
  constexpr std::size_t kPiece = 256 * 1024;
  const InspectPath where{"bytes"};
  const MarkerScan::Found add = [&](const Marker& marker) {
    findings.add(literal_of(marker.kind), tells_of(marker.kind), where, marker.offset,
                 marker.bytes);
  };
  MarkerScan scan;
  Buffer piece(kPiece);
  for (std::uint64_t at = 0; at < file.size();) {
    TRY(const std::size_t got, file.read_at(at, piece));
    if (got == 0) break;
    scan.feed(Bytes(piece).first(got), add);
    at += got;
  }
  scan.finish(add);
  return Done{};
}

void put_number(std::string& line, std::string_view key, std::uint64_t value) {
  line.append(",\"").append(key).append("\":").append(std::to_string(value));
}

}  // namespace

Tells tells_of(MarkerKind kind) {
  switch (kind) {
    case MarkerKind::kGpsBlock:
    case MarkerKind::kNmea:
    case MarkerKind::kCoordinates:
    case MarkerKind::kPlaceName:
    case MarkerKind::kGpmf:
    case MarkerKind::kDataTrack: return Tells::kWhere;
    case MarkerKind::kDate: return Tells::kWhen;
    case MarkerKind::kXmp:
    case MarkerKind::kEmail:
    case MarkerKind::kVin:
    case MarkerKind::kFrameNumber:
    case MarkerKind::kPhone:
    case MarkerKind::kLink: return Tells::kWho;
    case MarkerKind::kExif:
    case MarkerKind::kCamera:
    case MarkerKind::kSerial:
    case MarkerKind::kEncoder: return Tells::kDevice;
    case MarkerKind::kUserData: return Tells::kUnknown;
  }
  return Tells::kUnknown;
}

Literal literal_of(Tells tells) {
  switch (tells) {
    case Tells::kWhere: return "where";
    case Tells::kWhen: return "when";
    case Tells::kWho: return "who";
    case Tells::kSound: return "sound";
    case Tells::kDevice: return "which device";
    case Tells::kUnknown: return "unknown";
  }
  return "unknown";
}

Literal literal_of(Container container) {
  switch (container) {
    case Container::kUnknown: return "unknown";
    case Container::kMp4: return "mp4";
    case Container::kTransportStream: return "mpeg-ts";
    case Container::kAvi: return "avi";
    case Container::kJpeg: return "jpeg";
  }
  return "unknown";
}

// Literals hold nothing that JSON escapes.
std::string to_line(const InspectFinding& finding) {
  std::string line = "{\"what\":\"";
  line.append(finding.what.view()).append("\",\"tells\":\"");
  line.append(literal_of(finding.tells).view()).append("\",\"where\":\"");
  line.append(joined(finding.where)).append("\"");
  put_number(line, "offset", finding.offset);
  put_number(line, "bytes", finding.bytes);
  return line + "}\n";
}

Result<Inspected> inspect_clip(InspectFile& file,
                               const std::function<void(const InspectFinding&)>& found) {
  FileWindow window(file);
  Findings findings(found);
  findings.inspected().container = inspect_container(window, findings);
  if (window.failed()) return fail(ErrorCode::kIo, "inspect: the file can't be read");
  TRY(scan_all(file, findings));
  return findings.inspected();
}

}  // namespace sudare::clip
