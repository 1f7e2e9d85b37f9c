// Japanese frame numbers (車台番号): what cars for Japan carry in place of a VIN. A type code, a
// dash and a serial number ("ZVW30-1234567"); or, stamped by a transport office in place of a lost
// one, "国[01]00001国".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sudare {

struct FrameNumber {
  std::string type;    // "ZVW30": capital letters and digits; empty where an office stamped it
  std::string serial;  // digits
};

// The frame number that `text` is: in any case, full width, with any dash or a space in its place,
// or a space after every character. Nothing where it is none, model codes ("DAA-ZVW30") among them.
// Doesn't say that such a car exists. Pure; any thread.
[[nodiscard]] std::optional<FrameNumber> parse_frame_number(std::string_view text);

// A frame number at the very start of narrowed text (narrow.h), for the scanner.
struct FrameNumberMatch {
  std::size_t length = 0;  // 0: none
  double confidence = 0;
  std::size_t type_end = 0;
  std::size_t serial_begin = 0;
  bool stamped = false;  // by an office
};
[[nodiscard]] FrameNumberMatch match_frame_number(std::string_view text);

}  // namespace sudare
