// MPEG-TS (ISO/IEC 13818-1): which streams its tables name, their descriptors, and the payload of
// each stream put together for the marker scan and for AVCHD's camera data, since packets cut both.
#include <string_view>

#include "clip/inspect/walk.h"
#include "clip/nal/nal_unit.h"
#include "clip/verify/marker_scan.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kPacketBytes = 188;
constexpr std::size_t kStreamsMax = 24;
constexpr std::size_t kNoPid = 0x1FFF;
// UUID and "MDPM"; up to 255 tags of five bytes follow.
constexpr std::string_view kCameraData{
    "\x17\xEE\x8C\x60\xF8\x4D\x11\xD9\x8C\xD6\x08\x00\x20\x0C\x9A\x66MDPM", 20};
constexpr std::size_t kCameraBytes = 1280;

struct Stream {
  std::size_t pid = kNoPid;
  bool table = false;
  Buffer recent;                  // of its payload
  std::uint64_t recent_from = 0;  // offset in the file of the packet that recent begins in
};

class TransportStream {
 public:
  TransportStream(FileWindow& file, std::size_t step, Findings& findings)
      : file_(file), step_(step), findings_(findings) {}

  void run() {
    std::uint64_t at = step_ - kPacketBytes;
    for (; at + kPacketBytes <= file_.size(); at += step_) {
      const Bytes read = file_.at(at, kPacketBytes);
      if (read.size() < kPacketBytes) break;
      if (read[0] != 0x47) {
        if (++lost_ > 64) break;
        continue;
      }
      packet(read, at);
    }
    for (Stream& stream : streams_) search(stream, true);
    if (at < file_.size()) findings_.truncated();
  }

 private:
  Stream* stream_of(std::size_t pid) {
    for (Stream& stream : streams_) {
      if (stream.pid == pid) return &stream;
    }
    return nullptr;
  }

  void add_stream(std::size_t pid, bool table) {
    if (stream_of(pid) != nullptr || streams_.size() == kStreamsMax) return;
    streams_.push_back({pid, table, {}, 0});
  }

  void packet(Bytes packet, std::uint64_t at) {
    const std::size_t pid = be16(packet, 1) & 0x1FFFU;
    const bool starts = (packet[1] & 0x40) != 0;
    const unsigned control = packet[3] >> 4 & 3U;
    std::size_t begin = 4;
    if ((control & 2) != 0) {
      const std::size_t length = packet[4];
      if (length >= kPacketBytes - 5) return;
      // transport_private_data of the adaptation field (2.4.3.4).
      if (length > 0 && (packet[5] & 0x02) != 0) {
        findings_.add("private-data", Tells::kUnknown, {"ts", "adaptation field"}, at, length);
      }
      begin = 5 + length;
    }
    if ((control & 1) == 0) return;
    const Bytes payload = packet.subspan(begin);
    Stream* stream = stream_of(pid);
    if (pid == 0 || (stream != nullptr && stream->table)) {
      if (starts) table(pid, payload, at);
      return;
    }
    if (stream == nullptr) return;
    if (starts) pes(payload, at);
    gather(*stream, payload, at);
  }

  // A section that fits into its packet; tables of recorders do.
  void table(std::size_t pid, Bytes payload, std::uint64_t at) {
    if (payload.empty() || payload.size() < 1U + payload[0] + 12U) return;
    const Bytes section = payload.subspan(1U + payload[0]);
    const std::size_t length = be16(section, 1) & 0x0FFFU;
    if (length < 9 || length + 3 > section.size()) return;
    const Bytes body = section.first(length + 3 - 4);  // without the checksum
    if (pid == 0 && section[0] == 0) programs(body);
    if (pid != 0 && section[0] == 2) streams(body, at);
  }

  void programs(Bytes body) {
    for (std::size_t at = 8; at + 4 <= body.size(); at += 4) {
      if (be16(body, at) != 0) add_stream(be16(body, at + 2) & 0x1FFFU, true);
    }
  }

  void streams(Bytes body, std::uint64_t offset) {
    if (body.size() < 12) return;
    if (seen_tables_++ > 0) return;  // they repeat
    std::size_t at = 12 + (be16(body, 10) & 0x0FFFU);
    if (at > body.size()) return;
    descriptors(body.subspan(12, at - 12), offset);
    while (at + 5 <= body.size() && findings_.part()) {
      const unsigned type = body[at];
      const std::size_t length = be16(body, at + 3) & 0x0FFFU;
      add_stream(be16(body, at + 1) & 0x1FFFU, false);
      kind(type, offset);
      if (length > body.size() - at - 5) return;
      descriptors(body.subspan(at + 5, length), offset);
      at += 5 + length;
    }
  }

  // Table 2-34, and what AVCHD adds.
  void kind(unsigned type, std::uint64_t offset) {
    const InspectPath where{"ts", "PMT"};
    const bool sound = type == 0x03 || type == 0x04 || type == 0x0F || type == 0x11 ||
                       (type >= 0x80 && type <= 0x87);
    const bool picture =
        type == 0x01 || type == 0x02 || type == 0x10 || type == 0x1B || type == 0x24;
    if (sound) {
      findings_.add("sound", Tells::kSound, where, offset, kPacketBytes);
    } else if (type >= 0x90 && type <= 0x92) {
      findings_.add("text-track", Tells::kWhere, where, offset, kPacketBytes);
    } else if (!picture) {
      findings_.add("private-stream", Tells::kWhere, where, offset, kPacketBytes);
    }
  }

  void descriptors(Bytes list, std::uint64_t offset) {
    const InspectPath where{"ts", "PMT", "descriptor"};
    for (std::size_t at = 0; at + 2 <= list.size();) {
      const unsigned tag = list[at];
      const std::size_t length = list[at + 1];
      if (tag == 0x0A) findings_.add("language", Tells::kWho, where, offset, length);
      if (tag == 0x25 || tag == 0x26)
        findings_.add("metadata", Tells::kUnknown, where, offset, length);
      if (tag >= 0x40 && tag != 0x88)
        findings_.add("private-data", Tells::kUnknown, where, offset, length);
      at += 2 + length;
    }
  }

  // The header of a PES packet: private data in it (2.4.3.7).
  void pes(Bytes payload, std::uint64_t at) {
    if (payload.size() < 9 || be32(payload, 0) >> 8 != 1) return;
    const unsigned id = payload[3];
    if (id == 0xBD || (id >= 0xC0 && id <= 0xDF)) return;  // sound: the table names it
    if ((payload[6] & 0xC0) != 0x80 || (payload[7] & 0x01) == 0 || payload[8] == 0) return;
    std::size_t extension =
        9 + ((payload[7] & 0x80) != 0 ? 5U : 0U) + ((payload[7] & 0x40) != 0 ? 5U : 0U);
    if (extension < payload.size() && (payload[extension] & 0x80) != 0) {
      findings_.add("private-data", Tells::kUnknown, {"ts", "PES header"}, at, 16);
    }
  }

  void gather(Stream& stream, Bytes payload, std::uint64_t at) {
    if (stream.recent.empty()) stream.recent_from = at;
    append(stream.recent, payload);
    constexpr std::size_t kGathered = 32 * 1024;
    if (stream.recent.size() >= kGathered) search(stream, false);
  }

  // Looks through what was gathered, and keeps the end of it, which may hold the start of
  // something. Offsets are those of the packet in which the stretch begins.
  void search(Stream& stream, bool last) {
    const InspectPath where{"ts", "stream"};
    const std::size_t kept = last ? 0 : std::min(stream.recent.size(), kCameraBytes);
    const std::size_t until = stream.recent.size() - kept;
    scan_markers(stream.recent, stream.recent_from, [&](const Marker& marker) {
      if (marker.offset - stream.recent_from >= until) return;
      if (marker.kind == MarkerKind::kCamera) return;  // below, in more detail
      findings_.add(literal_of(marker.kind), tells_of(marker.kind), where, stream.recent_from,
                    marker.bytes);
    });
    auto from = stream.recent.begin();
    for (;;) {
      from = std::search(from, stream.recent.end(), kCameraData.begin(), kCameraData.end(),
                         [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
      if (from - stream.recent.begin() >= static_cast<std::ptrdiff_t>(until)) break;
      // From the last byte of the tag on, which stands for the header that rbsp_of passes over:
      // emulation prevention bytes would shift the tags.
      const Bytes tagged = Bytes(stream.recent)
                               .subspan(static_cast<std::size_t>(from - stream.recent.begin()) +
                                        kCameraData.size() - 1);
      const Buffer data =
          rbsp_of(NalCodec::kH264, tagged.first(std::min(tagged.size(), kCameraBytes)));
      const InspectPath here = where / "MDPM";
      findings_.add("camera-data", Tells::kDevice, here, stream.recent_from, kCameraData.size());
      inspect_mdpm(data, stream.recent_from, here, findings_);
      ++from;
    }
    stream.recent.erase(stream.recent.begin(),
                        stream.recent.begin() + static_cast<std::ptrdiff_t>(until));
  }

  FileWindow& file_;
  std::size_t step_;
  Findings& findings_;
  std::vector<Stream> streams_;
  std::size_t lost_ = 0;
  std::size_t seen_tables_ = 0;
};

}  // namespace

void inspect_transport_stream(FileWindow& file, std::size_t packet_bytes, Findings& findings) {
  TransportStream(file, packet_bytes, findings).run();
}

}  // namespace sudare::clip
