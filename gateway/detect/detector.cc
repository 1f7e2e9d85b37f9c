#include "gateway/detect/detector.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "gateway/detect/characters.h"
#include "gateway/detect/encoded.h"
#include "gateway/detect/narrow.h"
#include "gateway/detect/reveal.h"
#include "gateway/detect/scan.h"

namespace sudare {
namespace {

// Nothing that we look for is shorter in base64: nine bytes.
constexpr std::size_t kBase64LengthMin = 12;
// Nothing that we look for is shorter.
constexpr std::size_t kTextLengthMin = 6;

// Leaves out the scanners that can't find anything.
void scan_narrow(std::string_view text, const Report& report) {
  if (text.size() < kTextLengthMin) return;
  if (std::any_of(text.begin(), text.end(), is_digit)) {
    scan_vin(text, report);
    scan_frame_number(text, report);
    scan_phone(text, report);
    scan_coordinates(text, report);
    scan_receiver_coordinates(text, report);
  }
  scan_email(text, report);
  scan_nmea(text, report);
  scan_private_key(text, report);
}

void scan_plain(std::string_view text, const Report& report) {
  if (!needs_narrowing(text)) {
    scan_narrow(text, report);
    return;
  }
  const NarrowText narrowed = narrow(text);
  scan_narrow(narrowed.text,
              [&](Detected what, std::size_t offset, std::size_t length, double sure) {
                const std::size_t begin = narrowed.origin[offset];
                report(what, begin, narrowed.origin[offset + length] - begin, sure);
              });
}

// Looks into every run of the alphabet's characters that is long enough.
void scan_base64(std::string_view text, Base64Alphabet alphabet, const Report& report) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    bool special = false;
    for (; end < text.size() && is_base64(text[end], alphabet); ++end) {
      special = special || !is_alnum(text[end]);
    }
    // A run of letters and digits only is the same in both alphabets: looked into once, unless the
    // other alphabet reads on where this one stops.
    const bool other = alphabet == Base64Alphabet::kUrl && !special;
    const auto continues = [&](std::size_t i) {
      return i < text.size() && is_base64(text[i], Base64Alphabet::kStandard);
    };
    const bool same = other && !continues(end) && (at == 0 || !continues(at - 1));
    if (end - at >= kBase64LengthMin && !same) {
      decode_base64(text.substr(at, end - at), alphabet, bytes);
      scan_plain(bytes, [&](Detected what, std::size_t, std::size_t, double sure) {
        report(what, at, end - at, sure);
      });
    }
    at = std::max(end, at + 1);
  }
}

// What percent-encoding hides, without what is found there in the open too.
void scan_percent(std::string_view text, const Report& report) {
  std::set<std::pair<Detected, std::size_t>> open;
  scan_plain(text, [&](Detected what, std::size_t offset, std::size_t, double) {
    open.emplace(what, offset);
  });
  const PercentDecoded decoded = decode_percent(text);
  scan_plain(decoded.text, [&](Detected what, std::size_t offset, std::size_t length, double sure) {
    const std::size_t begin = decoded.origin[offset];
    if (open.count({what, begin}) != 0) return;
    report(what, begin, decoded.origin[offset + length] - begin, sure);
  });
}

}  // namespace

Literal literal_of(Detected detected) {
  switch (detected) {
    case Detected::kVin: return "vin";
    case Detected::kFrameNumber: return "frame_number";
    case Detected::kEmail: return "email";
    case Detected::kPhone: return "phone";
    case Detected::kCoordinates: return "coordinates";
    case Detected::kNmea: return "nmea";
    case Detected::kPrivateKey: return "private_key";
  }
  return "unknown";
}

v1::PersonalClass class_of(Detected detected) {
  switch (detected) {
    case Detected::kVin: return v1::VIN;
    case Detected::kFrameNumber: return v1::FRAME_NUMBER;
    case Detected::kEmail: return v1::EMAIL;
    case Detected::kPhone: return v1::PHONE;
    case Detected::kCoordinates: return v1::LATITUDE;
    case Detected::kNmea: return v1::NMEA_SENTENCE;
    case Detected::kPrivateKey: return v1::SECRET;
  }
  return v1::UNCLASSED;
}

void detect_each(std::string_view text, const std::function<void(const Detection&)>& found) {
  scan_plain(text, [&](Detected what, std::size_t offset, std::size_t length, double confidence) {
    found({what, offset, length, false, confidence});
  });
  const Report encoded = [&](Detected what, std::size_t offset, std::size_t length,
                             double confidence) {
    found({what, offset, length, true, confidence});
  };
  if (has_percent_encoding(text)) scan_percent(text, encoded);
  scan_base64(text, Base64Alphabet::kStandard, encoded);
  scan_base64(text, Base64Alphabet::kUrl, encoded);
}

DetectedClasses detect_in(std::string_view text) {
  unsigned classes = 0;
  detect_each(text, [&](const Detection& one) { classes |= static_cast<unsigned>(one.what); });
  return static_cast<DetectedClasses>(classes);
}

void detect(const Policy& /*policy*/, Record& record) {
  RecordBody& body = record.body.reveal(DetectStage::key());
  const auto in = [&](TextSpan span) {
    return detect_in(std::string_view(body.text).substr(span.offset, span.length));
  };
  for (Item& item : body.items) {
    item.key_detected = in(item.key);
    const bool text = item.kind == ItemKind::kValue &&
                      (item.type == ValueType::kText || item.type == ValueType::kBytes);
    item.detected = text ? in(item.text) : DetectedClasses{0};
  }
}

}  // namespace sudare
