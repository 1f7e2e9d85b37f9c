// JPEG's markers (ITU-T T.81, table B.1) and which of the segments that they begin may leave.
#pragma once

#include <cstdint>

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

}  // namespace sudare::clip::jpeg
