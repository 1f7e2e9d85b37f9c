#include "clip/nal/jpeg_marker.h"

#include <algorithm>
#include <string_view>

namespace sudare::clip::jpeg {
namespace {

bool begins_with(Bytes content, std::string_view text) {
  return content.size() >= text.size() &&
         std::equal(text.begin(), text.end(), content.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

void append_text(Buffer& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

bool quantisation_tables(Bytes content) {
  while (!content.empty()) {
    const std::size_t size = content[0] >> 4 == 0 ? 65 : 129;
    if (content[0] >> 4 > 1 || (content[0] & 0x0F) > 3 || content.size() < size) return false;
    content = content.subspan(size);
  }
  return true;
}

bool huffman_tables(Bytes content) {
  constexpr std::size_t kHeader = 17;
  while (!content.empty()) {
    if (content.size() < kHeader || content[0] >> 4 > 1 || (content[0] & 0x0F) > 3) return false;
    std::size_t codes = 0;
    for (std::size_t i = 1; i < kHeader; ++i) codes += content[i];
    if (codes > 256 || content.size() < kHeader + codes) return false;
    content = content.subspan(kHeader + codes);
  }
  return true;
}

}  // namespace

Use use_of(std::uint8_t marker) {
  if (marker >= kSof0 && marker <= kSof2) return Use::kKeep;
  if (marker == kDht || marker == kDqt || marker == kDri || marker == kSos) return Use::kKeep;
  if (marker == kApp0 || marker == kApp14) return Use::kRewrite;
  if ((marker > kApp0 && marker <= kApp15) || marker == kCom) return Use::kDrop;
  return Use::kRefuse;
}

Buffer short_form(std::uint8_t marker, Bytes content) {
  Buffer out;
  // OpenDML: "AVI1", polarity (0: not interlaced, 1: odd lines, 2: even lines), a zero, two sizes.
  if (marker == kApp0 && begins_with(content, "AVI1") && content.size() > 4 &&
      (content[4] == 1 || content[4] == 2)) {
    out = {0xFF, kApp0, 0, 16};
    append_text(out, "AVI1");
    out.push_back(content[4]);
    out.resize(18);
  }
  // "Adobe", version 100, two words of flags, transform (0: RGB or CMYK, 1: YCbCr, 2: YCCK).
  if (marker == kApp14 && begins_with(content, "Adobe") && content.size() >= 12 &&
      content[11] <= 2) {
    out = {0xFF, kApp14, 0, 14};
    append_text(out, "Adobe");
    out.insert(out.end(), {0, 100, 0, 0, 0, 0, content[11]});
  }
  return out;
}

bool adds_up(std::uint8_t marker, Bytes content) {
  switch (marker) {
    case kDqt: return quantisation_tables(content);
    case kDht: return huffman_tables(content);
    case kDri: return content.size() == 2;
    case kSos: return !content.empty() && content[0] <= 4 && content.size() == 4 + 2U * content[0];
    default: return content.size() > 6 && content[5] <= 4 && content.size() == 6 + 3U * content[5];
  }
}

}  // namespace sudare::clip::jpeg
