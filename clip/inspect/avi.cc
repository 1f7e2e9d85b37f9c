// AVI (RIFF): chunks in lists. Chunks of two bytes' alignment; a size from the file is believed as
// far as the list around it reaches.
#include "clip/inspect/names.h"
#include "clip/inspect/walk.h"

namespace sudare::clip {
namespace {

std::uint32_t little(Bytes bytes, std::size_t at) {
  const std::uint32_t value = be32(bytes, at);
  return value >> 24 | (value >> 8 & 0xFF00) | (value << 8 & 0xFF0000) | value << 24;
}

// Pictures whose segments are looked at.
constexpr unsigned kPicturesMax = 8;

class Avi {
 public:
  Avi(FileWindow& file, Findings& findings) : file_(file), findings_(findings) {}

  void run() {
    std::uint64_t at = 0;
    while (at + 12 <= file_.size()) {
      const Bytes head = file_.at(at, 12);
      if (head.size() < 12 || be32(head, 0) != four("RIFF")) break;
      const std::uint64_t end = at + 8 + little(head, 4);
      if (end > file_.size()) findings_.truncated();
      chunks({at + 12, std::min(end, file_.size())}, {}, 0);
      at = end + (end & 1);
      if (end >= file_.size()) return;
    }
    if (at < file_.size() && holds_something(file_, {at, file_.size()})) {
      findings_.add("trailing-bytes", Tells::kUnknown, {"file"}, at, file_.size() - at);
    }
  }

 private:
  void chunks(Range range, const InspectPath& where, unsigned depth) {
    std::uint64_t at = range.begin;
    while (at + 8 <= range.end) {
      if (depth > kInspectDepthMax || !findings_.part()) return findings_.truncated();
      const Bytes head = file_.at(at, 12);
      if (head.size() < 8) return findings_.truncated();
      const std::uint32_t type = be32(head, 0);
      const std::uint64_t size = little(head, 4);
      if (size > range.end - at - 8) findings_.truncated();
      const Range content{at + 8, std::min(at + 8 + size, range.end)};
      if (type == four("LIST") && head.size() == 12 && content.size() >= 4) {
        list(be32(head, 8), {content.begin + 4, content.end}, where, depth);
      } else {
        chunk(type, {at, content.end}, content, where);
      }
      at += 8 + size + (size & 1);
    }
  }

  void list(std::uint32_t type, Range content, const InspectPath& where, unsigned depth) {
    if (type == four("movi")) return pictures(content, where / "movi");
    if (type == four("exif") || type == four("hydt") || type == four("pntx") ||
        type == four("ncdt")) {
      findings_.add(type == four("exif") ? Literal("exif") : Literal("camera-settings"),
                    Tells::kDevice,
                    where / (type == four("exif") ? Literal("exif") : Literal("other")),
                    content.begin, content.size());
    }
    chunks(content, where / box_name(type), depth + 1);
  }

  void chunk(std::uint32_t type, Range whole, Range content, const InspectPath& where) {
    if (type == four("strh")) return stream(content, where);
    if (type == four("JUNK") || type == four("junk") || type == four("PAD ")) {
      if (holds_something(file_, content)) {
        findings_.add("padding-with-data", Tells::kUnknown, where / "JUNK", whole.begin,
                      whole.size());
      }
      return;
    }
    if (const auto known = known_chunk(type)) {
      if (content.size() == 0) return;
      findings_.add(known->what, known->tells, where / known->name, whole.begin, whole.size());
    } else if (!where.empty() && where.back() == Literal("INFO")) {
      findings_.add("metadata", Tells::kUnknown, where / "other", whole.begin, whole.size());
    }
  }

  // AVISTREAMHEADER: kind, codec, flags, priority, language.
  void stream(Range content, const InspectPath& where) {
    const Bytes header = file_.at(content.begin, 16);
    if (header.size() < 16) return;
    const std::uint32_t kind = be32(header, 0);
    if (kind == four("auds"))
      findings_.add("sound", Tells::kSound, where, content.begin, content.size());
    if (kind != four("auds") && kind != four("vids")) {
      findings_.add("text-track", Tells::kWhere, where, content.begin, content.size());
    }
    if (be16(header, 14) != 0) {
      findings_.add("language", Tells::kWho, where, content.begin + 14, 2);
    }
  }

  void pictures(Range range, const InspectPath& where) {
    std::uint64_t at = range.begin;
    unsigned seen = 0;
    while (at + 8 <= range.end && findings_.part()) {
      const Bytes head = file_.at(at, 12);
      if (head.size() < 8) return findings_.truncated();
      const std::uint32_t type = be32(head, 0);
      const std::uint64_t size = little(head, 4);
      if (type == four("LIST")) {  // "rec ": chunks that belong together
        at += 12;
        continue;
      }
      const std::uint32_t kind = type & 0xFFFF;
      const Range content{at + 8, std::min(at + 8 + size, range.end)};
      const bool jpeg = head.size() == 12 && be16(head, 8) == 0xFFD8;
      if ((kind == 0x6463 || kind == 0x6462) && jpeg && seen < kPicturesMax) {  // "dc", "db"
        ++seen;
        inspect_jpeg(file_, content, where, findings_);
      } else if (kind == 0x7478) {  // "tx"
        findings_.add("text", Tells::kWhere, where, at, size);
      } else if (const auto known = known_chunk(type)) {
        findings_.add(known->what, known->tells, where / known->name, at, size);
      }
      at += 8 + size + (size & 1);
    }
  }

  FileWindow& file_;
  Findings& findings_;
};

}  // namespace

void inspect_avi(FileWindow& file, Findings& findings) { Avi(file, findings).run(); }

}  // namespace sudare::clip
