// The segments of a JPEG picture that carry something other than the picture, and Exif in them.
#include <string_view>

#include "clip/inspect/walk.h"
#include "clip/nal/jpeg_marker.h"

namespace sudare::clip {
namespace {

bool begins_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

void segment(std::uint8_t marker, Bytes content, std::uint64_t offset, std::uint64_t bytes,
             const InspectPath& where, Findings& findings) {
  constexpr std::size_t kExifHeader = 6;
  if (marker == jpeg::kCom) {
    findings.add("comment", Tells::kUnknown, where / "COM", offset, bytes);
  } else if (begins_with(content, "Exif")) {
    findings.add("exif", Tells::kDevice, where / "APP1", offset, bytes);
    if (content.size() > kExifHeader) {
      inspect_exif(content.subspan(kExifHeader), offset + 4 + kExifHeader, where / "APP1",
                   findings);
    }
  } else if (begins_with(content, "http://ns.adobe.com/")) {
    findings.add("xmp", Tells::kWho, where / "APP1", offset, bytes);
  } else if (begins_with(content, "GoPro")) {
    findings.add("gpmf", Tells::kWhere, where / "APP6", offset, bytes);
  } else if (!begins_with(content, "JFIF") && !begins_with(content, "Adobe") &&
             !begins_with(content, "AVI1")) {
    findings.add("application-data", Tells::kUnknown, where / "APPn", offset, bytes);
  }
}

// Numbers of a TIFF structure in its byte order (TIFF 6.0, section 2).
class Tiff {
 public:
  explicit Tiff(Bytes bytes) : bytes_(bytes), little_(!bytes.empty() && bytes[0] == 'I') {}
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint32_t word(std::size_t at) const {
    if (at > size() || size() - at < 2) return 0;
    const std::uint32_t value = be16(bytes_, at);
    return little_ ? (value >> 8 | (value & 0xFF) << 8) : value;
  }
  [[nodiscard]] std::uint32_t number(std::size_t at) const {
    return little_ ? word(at) | word(at + 2) << 16 : word(at) << 16 | word(at + 2);
  }

 private:
  Bytes bytes_;
  bool little_;
};

void directory(const Tiff& tiff, std::size_t at, unsigned depth, std::uint64_t offset,
               const InspectPath& where, Findings& findings) {
  constexpr std::size_t kEntry = 12;
  const std::uint32_t count = tiff.word(at);
  for (std::uint32_t i = 0; i < count && at + 2 + (i + 1) * kEntry <= tiff.size(); ++i) {
    if (!findings.part()) return;
    const std::size_t entry = at + 2 + i * kEntry;
    const std::uint32_t tag = tiff.word(entry);
    const std::uint64_t here = offset + entry;
    switch (tag) {
      case 0x010F: findings.add("maker", Tells::kDevice, where, here, kEntry); break;
      case 0x0110: findings.add("model", Tells::kDevice, where, here, kEntry); break;
      case 0x0131: findings.add("software", Tells::kDevice, where, here, kEntry); break;
      case 0x0132:
      case 0x9003:
      case 0x9004: findings.add("date", Tells::kWhen, where, here, kEntry); break;
      case 0x013B:
      case 0x8298:
      case 0xA430: findings.add("person", Tells::kWho, where, here, kEntry); break;
      case 0xA431:
      case 0xA435: findings.add("serial", Tells::kDevice, where, here, kEntry); break;
      case 0x8825: findings.add("position", Tells::kWhere, where, here, kEntry); break;
      case 0x8769:
        if (depth == 0) directory(tiff, tiff.number(entry + 8), 1, offset, where, findings);
        break;
      default: break;
    }
  }
}

}  // namespace

void inspect_exif(Bytes tiff, std::uint64_t offset, const InspectPath& where, Findings& findings) {
  const Tiff numbers(tiff);
  if (numbers.word(2) == 42) directory(numbers, numbers.number(4), 0, offset, where, findings);
}

void inspect_jpeg(FileWindow& file, Range range, const InspectPath& where, Findings& findings) {
  std::uint64_t at = range.begin + 2;
  while (at + 4 <= range.end && findings.part()) {
    const Bytes head = file.at(at, 4);
    if (head.size() < 4 || head[0] != 0xFF) return;
    const std::uint8_t marker = head[1];
    if (marker == jpeg::kSos || marker == jpeg::kEoi) return;  // what follows is left to the scan
    const std::size_t length = be16(head, 2);
    if (length < 2) return;
    if ((marker >= jpeg::kApp0 && marker <= jpeg::kApp15) || marker == jpeg::kCom) {
      const Bytes read = file.at(at + 4, length - 2);
      const Buffer content(read.begin(), read.end());
      segment(marker, content, at, length + 2, where, findings);
    }
    at += 2 + length;
  }
}

}  // namespace sudare::clip
