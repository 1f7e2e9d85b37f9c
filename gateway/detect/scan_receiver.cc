// Positions as receivers write them: degrees and minutes in one number, and the letters of the
// hemispheres ("3540.8742,N,13946.0275,E").
#include <cmath>
#include <vector>

#include "gateway/detect/characters.h"
#include "gateway/detect/number.h"
#include "gateway/detect/scan.h"

namespace sudare {
namespace {

enum class Axis : std::uint8_t { kNone, kLatitude, kLongitude };

bool is_hemisphere(char c) { return c == 'N' || c == 'S' || c == 'E' || c == 'W'; }

// The single letter that stands before or after a number; 0 where none does.
char letter_at(std::string_view text, const Number& number) {
  constexpr std::size_t kApartMax = 2;  // ", "
  if (number.begin > 0 && is_alpha(text[number.begin - 1])) return text[number.begin - 1];
  std::size_t at = number.end;
  while (at < text.size() && at - number.end < kApartMax && (text[at] == ',' || text[at] == ' ')) {
    ++at;
  }
  if (at >= text.size() || (at + 1 < text.size() && is_alnum(text[at + 1]))) return 0;
  return to_upper(text[at]);
}

// Only with all leading zeros and minutes below 60: other numbers beside such letters are forces
// and powers.
Axis axis_of(std::string_view text, const Number& number) {
  const double value = std::fabs(number.value);
  if (number.decimals == 0 || std::fmod(value, 100) >= 60) return Axis::kNone;
  const char letter = letter_at(text, number);
  const bool latitude = letter == 'N' || letter == 'S';
  if (latitude && number.digits == 4 && value <= 9000) return Axis::kLatitude;
  if (is_hemisphere(letter) && !latitude && number.digits == 5 && value <= 18000) {
    return Axis::kLongitude;
  }
  return Axis::kNone;
}

// What lies inside an NMEA sentence is reported as one. Asked in the order of the text.
class Sentences {
 public:
  explicit Sentences(std::string_view text) : text_(text) {}

  bool hold(std::size_t begin, std::size_t end) {
    if (!scanned_) {
      scan_nmea(text_, [this](Detected, std::size_t offset, std::size_t length, double) {
        spans_.push_back({offset, offset + length});
      });
      scanned_ = true;
    }
    while (next_ < spans_.size() && spans_[next_].end <= begin) ++next_;
    return next_ < spans_.size() && spans_[next_].begin <= begin && end <= spans_[next_].end;
  }

 private:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::string_view text_;
  bool scanned_ = false;
  std::vector<Span> spans_;
  std::size_t next_ = 0;
};

}  // namespace

void scan_receiver_coordinates(std::string_view text, const Report& report) {
  Sentences sentences(text);
  Number last;
  Axis last_axis = Axis::kNone;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const Number number = number_at(text, at);
    const char before = at == 0 ? ' ' : text[at - 1];
    const bool name =
        is_alnum(before) && !(is_hemisphere(before) && (at < 2 || !is_alnum(text[at - 2])));
    const Axis axis = name || before == '.' ? Axis::kNone : axis_of(text, number);
    if (axis != Axis::kNone && last_axis != Axis::kNone && axis != last_axis &&
        linked(text, last, number) && !sentences.hold(last.begin, number.end)) {
      report(Detected::kCoordinates, last.begin, number.end - last.begin, 0.9);
    }
    last_axis = axis;
    last = number;
    at = number.end;
  }
}

}  // namespace sudare
