// VINs and frame numbers in text. A VIN has little redundancy, so that what looks like one is
// judged: the last four characters are digits (ISO 3779), and text put together from several words
// must also have a known maker or a right check digit. A VIN glued to other letters is not found.
#include <algorithm>

#include "gateway/detect/characters.h"
#include "gateway/detect/frame_number.h"
#include "gateway/detect/scan.h"
#include "gateway/detect/vin.h"

namespace sudare {
namespace {

int two_digits(const Vin& vin, std::size_t at) {
  return (vin.text[at] - '0') * 10 + (vin.text[at + 1] - '0');
}

// yyyymmddHHMMSSmmm, the one frequent number of 17 digits.
bool is_date_time(const Vin& vin) {
  const int century = two_digits(vin, 0);
  const int month = two_digits(vin, 4);
  const int day = two_digits(vin, 6);
  return (century == 19 || century == 20) && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         two_digits(vin, 8) < 24 && two_digits(vin, 10) < 60 && two_digits(vin, 12) < 60;
}

// 0: no VIN.
double confidence_of(const Vin& vin, bool separated) {
  if (!std::all_of(vin.text.end() - 4, vin.text.end(), is_digit)) return 0;
  const bool check_digit = vin_check_digit_holds(vin);
  if (std::all_of(vin.text.begin(), vin.text.end(), is_digit)) {
    if (separated || is_date_time(vin)) return 0;
    return check_digit ? 0.5 : 0.3;
  }
  if (check_digit) return 1;
  if (!vin_maker(vin).view().empty()) return 0.9;
  return separated ? 0 : 0.6;
}

std::size_t run_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_alnum(text[at])) ++at;
  return at;
}

// The end of the words from `begin` on that hold 17 characters together, joined by one separator
// each, always the same; 0 where there is no such place.
std::size_t joined_end(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t count = end - begin;
  if (count >= kVinLength || end == text.size()) return 0;
  const char separator = text[end];
  if (separator != ' ' && separator != '-' && separator != '_' && separator != '.' &&
      separator != '/') {
    return 0;
  }
  while (count < kVinLength) {
    if (end >= text.size() || text[end] != separator) return 0;
    // One character more than fits is enough to know.
    const std::size_t next =
        run_end(text.substr(0, std::min(text.size(), end + kVinLength + 2)), end + 1);
    if (next == end + 1) return 0;
    count += next - end - 1;
    end = next;
  }
  return count == kVinLength ? end : 0;
}

void report_vin(std::string_view text, std::size_t begin, std::size_t end, bool separated,
                const Report& report) {
  const auto vin = parse_vin(text.substr(begin, end - begin));
  if (!vin) return;
  const double confidence = confidence_of(*vin, separated);
  if (confidence > 0) report(Detected::kVin, begin, end - begin, confidence);
}

}  // namespace

void scan_vin(std::string_view text, const Report& report) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_alnum(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end = run_end(text, at);
    const std::size_t length = end - at;
    if (length == kVinLength) report_vin(text, at, end, false, report);
    if (length == kVinLength + 3 && to_upper(text[at]) == 'V' && to_upper(text[at + 1]) == 'I' &&
        to_upper(text[at + 2]) == 'N') {
      report_vin(text, at + 3, end, false, report);
    }
    const std::size_t joined = joined_end(text, at, end);
    if (joined != 0) report_vin(text, at, joined, true, report);
    at = end;
  }
}

void scan_frame_number(std::string_view text, const Report& report) {
  bool inside_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const bool word = is_alnum(text[at]);
    if (!(word && inside_word)) {
      const FrameNumberMatch match = match_frame_number(text.substr(at));
      if (match.length != 0) {
        report(Detected::kFrameNumber, at, match.length, match.confidence);
        at += match.length;
        inside_word = false;
        continue;
      }
    }
    inside_word = word;
    ++at;
  }
}

}  // namespace sudare
