// Positions in text: two decimal numbers in a row, numbers that keys such as "lat" and "lng" name,
// geo: URLs (RFC 5870), ISO 6709 ("+35.6812+139.7671/") and degrees with minutes. Numbers with
// fewer than three decimals and without a key are not taken for positions: 0.01° is a kilometre,
// and such pairs are everywhere.
#include <algorithm>
#include <array>
#include <cmath>

#include "gateway/detect/characters.h"
#include "gateway/detect/number.h"
#include "gateway/detect/scan.h"

namespace sudare {
namespace {

// From here on two numbers in a row are taken for a position whatever stands beside them (11 m);
// with three decimals (110 m) only where no third number follows.
constexpr std::size_t kDecimalsSure = 4;
constexpr std::size_t kDecimalsMin = 3;
// Between the ends of a latitude and a longitude that have keys: other parameters may stand
// between.
constexpr std::size_t kKeyedGapMax = 160;
// An integer with a key counts from this many digits on: 1e-7 degrees, not the 35 of "lat=35".
constexpr std::size_t kKeyedIntegerDigitsMin = 6;

enum class Key : std::uint8_t { kNone, kLatitude, kLongitude };

bool is_word(char c) { return is_alnum(c) || c == '_'; }

bool ends_with(std::string_view text, std::string_view capital) {
  return text.size() >= capital.size() &&
         std::equal(capital.begin(), capital.end(),
                    text.end() - static_cast<std::ptrdiff_t>(capital.size()),
                    [](char a, char b) { return a == to_upper(b); });
}

bool holds(std::string_view word, std::string_view capital) {
  for (std::size_t end = capital.size(); end <= word.size(); ++end) {
    if (ends_with(word.substr(0, end), capital)) return true;
  }
  return false;
}

// Whether the last part of `word` is `capital`: "lat", "start_lat", "startLat", not "flat".
bool last_part_is(std::string_view word, std::string_view capital) {
  if (!ends_with(word, capital)) return false;
  const std::size_t at = word.size() - capital.size();
  if (at == 0 || !is_alpha(word[at - 1])) return true;
  return word[at] == capital[0] && word[at - 1] != to_upper(word[at - 1]);
}

// The key that stands before `begin`: `lat=`, `"longitude": `.
Key key_before(std::string_view text, std::size_t begin) {
  constexpr std::size_t kJoinMax = 5;
  constexpr std::size_t kWordMax = 24;
  std::size_t end = begin;
  bool joined = false;
  while (end > 0 && begin - end < kJoinMax && !is_word(text[end - 1])) {
    const char c = text[end - 1];
    if (c == '=' || c == ':') joined = true;
    else if (c != ' ' && c != '"' && c != '\'' && c != '\\') return Key::kNone;
    --end;
  }
  if (!joined) return Key::kNone;
  std::size_t start = end;
  while (start > 0 && end - start < kWordMax && is_word(text[start - 1])) --start;
  const std::string_view word = text.substr(start, end - start);
  if (last_part_is(word, "LAT") || holds(word, "LATITUDE")) return Key::kLatitude;
  if (last_part_is(word, "LON") || last_part_is(word, "LNG") || last_part_is(word, "LONG") ||
      holds(word, "LONGITUDE")) {
    return Key::kLongitude;
  }
  return Key::kNone;
}

bool in_range(const Number& first, const Number& second) {
  const double a = std::fabs(first.value);
  const double b = std::fabs(second.value);
  // Below one degree both are in the sea off Ghana: fractions, not a position.
  return std::max(a, b) <= 180 && std::min(a, b) <= 90 && std::max(a, b) >= 1;
}

// Pairs of plain decimals. Numbers come in one by one, so that a pair of three decimals waits for
// what follows it.
class PairScan {
 public:
  PairScan(std::string_view text, const Report& report) : text_(text), report_(report) {}

  void next(const Number& number) {
    const bool pair = linked(text_, last_, number);
    if (waiting_ && !pair) report_waiting();
    waiting_ = false;
    const std::size_t decimals = std::min(last_.decimals, number.decimals);
    if (pair && in_range(last_, number) && decimals >= kDecimalsMin) {
      first_ = last_;
      second_ = number;
      if (decimals >= kDecimalsSure) report_waiting();
      else waiting_ = !after_pair_;
    }
    after_pair_ = pair;
    last_ = number;
  }

  void finish() {
    if (waiting_) report_waiting();
  }

 private:
  void report_waiting() {
    const double confidence =
        std::min(first_.decimals, second_.decimals) >= kDecimalsSure ? 0.8 : 0.5;
    report_(Detected::kCoordinates, first_.begin, second_.end - first_.begin, confidence);
  }

  std::string_view text_;
  const Report& report_;
  Number last_;
  Number first_;
  Number second_;
  bool waiting_ = false;
  bool after_pair_ = false;
};

// A latitude and a longitude that keys name, in any order.
class KeyedScan {
 public:
  KeyedScan(std::string_view text, const Report& report) : text_(text), report_(report) {}

  void next(const Number& number) {
    if (number.decimals == 0 && number.digits < kKeyedIntegerDigitsMin) return;
    const Key key = key_before(text_, number.begin);
    if (key == Key::kNone) return;
    if (key_ != Key::kNone && key != key_ && number.begin - end_ <= kKeyedGapMax) {
      report_(Detected::kCoordinates, begin_, number.end - begin_, 1);
      key_ = Key::kNone;
      return;
    }
    key_ = key;
    begin_ = number.begin;
    end_ = number.end;
  }

 private:
  std::string_view text_;
  const Report& report_;
  Key key_ = Key::kNone;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// "geo:35.6812,139.7671"
void scan_geo(std::string_view text, const Number& number, const Report& report) {
  if (number.begin < 4 || !ends_with(text.substr(0, number.begin), "GEO:")) return;
  if (number.end + 2 > text.size() || text[number.end] != ',') return;
  const char next = text[number.end + 1];
  const bool sign = next == '-' || next == '+';
  if (!is_digit(next) && !(sign && number.end + 2 < text.size() && is_digit(text[number.end + 2])))
    return;
  const Number second = number_at(text, number.end + 1);
  report(Detected::kCoordinates, number.begin, second.end - number.begin, 1);
}

// "+35.6812+139.7671/", "+354052.1+1394601.2/"
void scan_iso6709(std::string_view text, const Number& number, const Report& report) {
  const char sign = text[number.begin];
  if (sign != '+' && sign != '-') return;
  if (number.digits != 2 && number.digits != 4 && number.digits != 6) return;
  if (number.end + 1 >= text.size()) return;
  const char next = text[number.end];
  if ((next != '+' && next != '-') || !is_digit(text[number.end + 1])) return;
  const Number second = number_at(text, number.end);
  if (second.digits != number.digits + 1) return;
  const bool solidus = second.end < text.size() && text[second.end] == '/';
  if (!solidus && number.decimals < kDecimalsMin && number.digits < 6) return;
  report(Detected::kCoordinates, number.begin, second.end - number.begin, solidus ? 1 : 0.7);
}

// Angles such as `35°40'52"N` or 35度40分: two within a short distance.
class AngleScan {
 public:
  AngleScan(std::string_view text, const Report& report) : text_(text), report_(report) {}

  void next(const Number& number) {
    constexpr std::size_t kApartMax = 60;  // two angles with fractions of seconds and words between
    if (number.digits > 3 || !followed_by_minutes(number.end)) return;
    if (seen_ && number.begin - begin_ <= kApartMax) {
      report_(Detected::kCoordinates, begin_, number.end - begin_, 0.9);
      seen_ = false;
      return;
    }
    seen_ = true;
    begin_ = number.begin;
  }

 private:
  [[nodiscard]] bool starts(std::size_t at, std::string_view with) const {
    return at <= text_.size() && text_.substr(at, with.size()) == with;
  }

  [[nodiscard]] bool followed_by_minutes(std::size_t at) const {
    if (starts(at, "°")) at += std::string_view("°").size();
    else if (starts(at, "度")) at += std::string_view("度").size();
    else return false;
    while (at < text_.size() && text_[at] == ' ') ++at;
    if (at >= text_.size() || !is_digit(text_[at])) return false;
    const std::size_t end = number_at(text_, at).end;
    return starts(end, "'") || starts(end, "′") || starts(end, "’") || starts(end, "分");
  }

  std::string_view text_;
  const Report& report_;
  bool seen_ = false;
  std::size_t begin_ = 0;
};

}  // namespace

void scan_coordinates(std::string_view text, const Report& report) {
  PairScan pairs(text, report);
  KeyedScan keyed(text, report);
  AngleScan angles(text, report);
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool sign = (c == '-' || c == '+') && at + 1 < text.size() && is_digit(text[at + 1]);
    if (!is_digit(c) && !sign) {
      ++at;
      continue;
    }
    const Number number = number_at(text, at);
    // Letters before a number make it part of a name ("N35.6812" is none), a point a version.
    const char before = at == 0 ? ' ' : text[at - 1];
    const char after = number.end < text.size() ? text[number.end] : ' ';
    const bool hemisphere = (before == 'N' || before == 'S' || before == 'E' || before == 'W') &&
                            (at < 2 || !is_alnum(text[at - 2]));
    const bool version =
        after == '.' && number.end + 1 < text.size() && is_digit(text[number.end + 1]);
    if ((is_alnum(before) && !hemisphere) || before == '.' || version) {
      at = number.end;
      continue;
    }
    if (number.decimals > 0) pairs.next(number);
    keyed.next(number);
    scan_geo(text, number, report);
    scan_iso6709(text, number, report);
    angles.next(number);
    at = number.end;
  }
  pairs.finish();
}

}  // namespace sudare
