// JPEG's markers (ITU-T T.81, table B.1) and which of the segments that they begin may leave.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "clip/nal/bytes.h"

namespace sudare::clip::jpeg {

enum Marker : std::uint8_t {
  kSof0 = 0xC0,  // baseline, extended sequential, progressive: C0–C2
  kSof2 = 0xC2,
  kDht = 0xC4,
  kRst0 = 0xD0,
  kRst7 = 0xD7,
  kSoi = 0xD8,
  kEoi = 0xD9,
  kSos = 0xDA,
  kDqt = 0xDB,
  kDri = 0xDD,
  kApp0 = 0xE0,
  kApp14 = 0xEE,
  kApp15 = 0xEF,
  kCom = 0xFE,
};

enum class Use : std::uint8_t { kKeep, kRewrite, kDrop, kRefuse };
// What becomes of a segment, by its marker. kRewrite: an APPn that may have a short form.
[[nodiscard]] Use use_of(std::uint8_t marker);

// The short form of an APP0 "AVI1" (field order) or APP14 "Adobe" (colour transform), from its
// marker on; empty where there is none to write. `content`: what follows the length.
[[nodiscard]] Buffer short_form(std::uint8_t marker, Bytes content);

// Whether a DQT, DHT, DRI, SOF or SOS consists of whole tables or fields and nothing more.
[[nodiscard]] bool adds_up(std::uint8_t marker, Bytes content);

// One table of a DQT or DHT that adds up: `bit` is its destination's in a mask (of 4 and 8).
struct Table {
  unsigned bit = 0;
  Bytes bytes;
};
[[nodiscard]] std::vector<Table> tables_in(std::uint8_t marker, Bytes content);

// The rules that hold within one picture, which filter and verify share: each quantisation table at
// most once, each Huffman table at most once before a scan, both only where they are named; one
// frame header, one DRI, one of each APPn; no more scans than the frame has components
// (progressive: than kProgressiveScansMax).
inline constexpr unsigned kProgressiveScansMax = 16;
class PictureRules {
 public:
  enum class Finding : std::uint8_t { kNone, kTwice, kFrameTwice, kNoFrame, kScans };
  // A segment that adds up, but for DQT and DHT; in their order.
  Finding take(std::uint8_t marker, Bytes content);
  // False: its destination has one already.
  bool define(std::uint8_t marker, unsigned bit);
  // Huffman tables may be defined anew.
  void next_scan() { huffmans_ = 0; }
  // Whether some frame or scan header that was taken names it.
  [[nodiscard]] bool names(std::uint8_t marker, unsigned bit) const;
  // Once the picture is over: whether all tables that were defined are named.
  [[nodiscard]] bool all_named() const;
  [[nodiscard]] unsigned height() const { return height_; }
  [[nodiscard]] bool field_mark() const { return field_mark_; }

 private:
  unsigned quantisers_ = 0;  // defined
  unsigned huffmans_ = 0;    // … since the last scan
  unsigned all_huffmans_ = 0;
  unsigned named_quantisers_ = 0;
  unsigned named_huffmans_ = 0;
  bool frame_ = false;
  bool interval_ = false;
  bool field_mark_ = false;
  bool adobe_ = false;
  unsigned height_ = 0;
  unsigned scans_left_ = 0;  // components; progressive: scans
  bool progressive_ = false;
};

// Whether a second picture in a sample is the other field: the first one says so (AVI1), or it is
// less than three quarters as high as the container says, as libav decides it.
[[nodiscard]] bool is_field(const PictureRules& first, std::uint32_t container_height);

}  // namespace sudare::clip::jpeg
