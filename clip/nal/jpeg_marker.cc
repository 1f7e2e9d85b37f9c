#include "clip/nal/jpeg_marker.h"

#include <algorithm>
#include <string_view>
#include <utility>

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

std::vector<Table> tables_in(std::uint8_t marker, Bytes content) {
  std::vector<Table> tables;
  while (!content.empty()) {
    std::size_t size = content[0] >> 4 == 0 ? 65 : 129;
    unsigned bit = 1U << (content[0] & 3U);
    if (marker == kDht) {
      size = 17;
      for (std::size_t i = 1; i < 17; ++i) size += content[i];
      bit <<= (content[0] >> 4) * 4U;
    }
    tables.push_back({bit, content.first(size)});
    content = content.subspan(size);
  }
  return tables;
}

PictureRules::Finding PictureRules::take(std::uint8_t marker, Bytes content) {
  switch (marker) {
    case kDri: return std::exchange(interval_, true) ? Finding::kTwice : Finding::kNone;
    case kApp0: return std::exchange(field_mark_, true) ? Finding::kTwice : Finding::kNone;
    case kApp14: return std::exchange(adobe_, true) ? Finding::kTwice : Finding::kNone;
    case kSos: break;
    default:  // SOF
      if (std::exchange(frame_, true)) return Finding::kFrameTwice;
      progressive_ = marker == kSof2;
      scans_left_ = progressive_ ? kProgressiveScansMax : content[5];
      height_ = be16(content, 1);
      for (std::size_t i = 0; i < content[5]; ++i) {
        named_quantisers_ |= 1U << (content[6 + 3 * i + 2] & 3U);
      }
      return Finding::kNone;
  }
  const unsigned components = content[0];
  const unsigned used = progressive_ ? 1 : components;
  if (!frame_) return Finding::kNoFrame;
  if (used == 0 || used > scans_left_) return Finding::kScans;
  scans_left_ -= used;
  huffmans_ = 0;
  for (std::size_t i = 0; i < components; ++i) {
    const unsigned selectors = content[2 + 2 * i];
    named_huffmans_ |= 1U << (selectors >> 4 & 3U) | 0x10U << (selectors & 3U);
  }
  return Finding::kNone;
}

bool PictureRules::define(std::uint8_t marker, unsigned bit) {
  unsigned& defined = marker == kDqt ? quantisers_ : huffmans_;
  if ((defined & bit) != 0) return false;
  defined |= bit;
  if (marker == kDht) all_huffmans_ |= bit;
  return true;
}

bool PictureRules::names(std::uint8_t marker, unsigned bit) const {
  return ((marker == kDqt ? named_quantisers_ : named_huffmans_) & bit) != 0;
}

bool PictureRules::all_named() const {
  return (quantisers_ & ~named_quantisers_) == 0 && (all_huffmans_ & ~named_huffmans_) == 0;
}

bool is_field(const PictureRules& first, std::uint32_t container_height) {
  return first.field_mark() ||
         std::uint64_t{first.height()} * 4 < std::uint64_t{container_height} * 3;
}

}  // namespace sudare::clip::jpeg
