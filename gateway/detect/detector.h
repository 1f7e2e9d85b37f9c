// Finds identifiers and positions inside text that a rule lets pass: a VIN in a subscription id, an
// e-mail in a note, coordinates in a URL. Recursive: base64 and percent-encoded text is looked into
// one level deep. The scanner is used by `sudare audit` too. It decides nothing: minimize does.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "base/literal.h"
#include "gateway/stages.h"

namespace sudare {

// Bits of DetectedClasses.
enum class Detected : DetectedClasses {
  kVin = 1 << 0,
  kFrameNumber = 1 << 1,
  kEmail = 1 << 2,
  kPhone = 1 << 3,
  kCoordinates = 1 << 4,  // a pair of decimal degrees, also in geo: URLs and ISO 6709
  kNmea = 1 << 5,
  kPrivateKey = 1 << 6,  // PEM private keys, AGE-SECRET-KEY-1
};

[[nodiscard]] Literal literal_of(Detected detected);          // "vin", "frame_number", ...
[[nodiscard]] v1::PersonalClass class_of(Detected detected);  // VIN, FRAME_NUMBER, EMAIL, ...

// The classes found anywhere in `text`. Pure; any thread; linear in the length of the text.
[[nodiscard]] DetectedClasses detect_in(std::string_view text);

// Where each was found. `encoded`: inside base64 or percent-encoding; offset and length are those
// of the encoded text.
struct Detection {
  Detected what;
  std::size_t offset;
  std::size_t length;
  bool encoded;
  double confidence;  // 0 to 1: 1 where a check digit or an exact syntax holds
};
// In no order; a place may be reported more than once where both base64 alphabets read it.
void detect_each(std::string_view text, const std::function<void(const Detection&)>& found);

// Sets `detected` and `key_detected` of every item. Captured topic levels have no place for it:
// minimize asks detect_in where a rule lets one pass.
void detect(const Policy& policy, Record& record);

}  // namespace sudare
