#include "gateway/detect/frame_number.h"

#include <algorithm>
#include <array>

#include "gateway/detect/characters.h"
#include "gateway/detect/narrow.h"

namespace sudare {
namespace {

// "ZC6" and "E12" are the shortest type codes, "NHP170G", "FRD33" and the like the longest.
constexpr std::size_t kTypeLengthMin = 3;
constexpr std::size_t kTypeLengthMax = 7;
// Nissan, Subaru and Suzuki number with six digits, Toyota, Honda and most others with seven.
constexpr std::size_t kSerialLengthMin = 6;
constexpr std::size_t kSerialLengthMax = 7;
// Stamped numbers run to eight digits.
constexpr std::size_t kStampedDigitsMin = 4;
constexpr std::size_t kStampedDigitsMax = 8;

// Type codes without a digit; a general rule for them would match every ticket number.
constexpr std::array<std::string_view, 6> kLetterTypes{"VAB", "VAG", "VAF", "VBH", "VMG", "VNH"};

// Reads characters one by one, or every other one where a space follows each.
class Characters {
 public:
  Characters(std::string_view text, bool spaced) : text_(text), step_(spaced ? 2 : 1) {}

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] std::size_t position() const { return at_; }
  // Spaced text ends at the first character that no space follows.
  void next() {
    const bool last = step_ == 2 && (at_ + 1 >= text_.size() || text_[at_ + 1] != ' ');
    at_ = last ? text_.size() : at_ + step_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t step_;
};

// Letters, digits, letters: "ZVW30", "LA100S". The capital form in `type`.
bool read_type(Characters& in, std::string& type, bool& capital) {
  std::size_t digits = 0;
  std::size_t tail = 0;
  capital = true;
  for (; is_alnum(in.peek()); in.next()) {
    const char c = in.peek();
    capital = capital && !(c >= 'a' && c <= 'z');
    if (is_digit(c)) {
      if (tail != 0) return false;
      ++digits;
    } else if (digits != 0) {
      ++tail;
    }
    if (type.size() == kTypeLengthMax) return false;
    type.push_back(to_upper(c));
  }
  if (type.size() < kTypeLengthMin || !is_alpha(type[0])) return false;
  if (digits == 0) {
    return capital &&
           std::find(kLetterTypes.begin(), kLetterTypes.end(), type) != kLetterTypes.end();
  }
  const std::size_t letters = type.size() - digits - tail;
  return letters <= 4 && digits <= 3 && tail <= 2;
}

FrameNumberMatch match_plain(std::string_view text, bool spaced) {
  Characters in(text, spaced);
  FrameNumberMatch match;
  std::string type;
  bool capital = false;
  if (!read_type(in, type, capital)) return {};
  match.type_end = in.position();
  const char separator = in.peek();
  if (separator != '-' && (separator != ' ' || !capital)) return {};
  in.next();
  match.serial_begin = in.position();
  std::size_t digits = 0;
  std::size_t end = match.serial_begin;
  for (; is_digit(in.peek()); in.next()) {
    ++digits;
    end = in.position() + 1;
  }
  if (digits < kSerialLengthMin || digits > kSerialLengthMax) return {};
  if (end < text.size() && is_alnum(text[end])) return {};
  // Six digits are also a date, and a space separates anything: only the plainest form of those.
  if (digits == kSerialLengthMin && (!capital || separator == ' ')) return {};
  match.length = end;
  match.confidence = digits == kSerialLengthMax && capital && separator == '-' ? 0.9 : 0.6;
  return match;
}

// One kanji of the office, the year and sequence in brackets, a number, the kanji again.
FrameNumberMatch match_stamped(std::string_view text) {
  constexpr std::size_t kKanji = 3;  // bytes of UTF-8
  if (text.size() < 2 * kKanji + 4 || text[kKanji] != '[') return {};
  const unsigned first = static_cast<unsigned char>(text[0]);
  if (first < 0xE4 || first > 0xE9) return {};  // U+4E00 to U+9FFF
  std::size_t at = kKanji + 1;
  std::size_t year = 0;
  for (; at < text.size() && is_digit(text[at]) && year < 3; ++at) ++year;
  if (year == 0 || at >= text.size() || text[at] != ']') return {};
  ++at;
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at]) && at - begin <= kStampedDigitsMax) ++at;
  if (at - begin < kStampedDigitsMin || at - begin > kStampedDigitsMax) return {};
  if (text.substr(at, kKanji) != text.substr(0, kKanji)) return {};
  FrameNumberMatch match;
  match.length = at + kKanji;
  match.confidence = 1;
  match.serial_begin = begin;
  match.stamped = true;
  return match;
}

std::string characters_between(std::string_view text, std::size_t begin, std::size_t end) {
  std::string result;
  for (std::size_t at = begin; at < end; ++at) {
    if (is_alnum(text[at])) result.push_back(to_upper(text[at]));
  }
  return result;
}

}  // namespace

FrameNumberMatch match_frame_number(std::string_view text) {
  if (text.size() < kTypeLengthMin + 1 + kSerialLengthMin) return {};
  if (!is_ascii(text[0])) return match_stamped(text);
  if (!is_alpha(text[0])) return {};
  return match_plain(text, text[1] == ' ');
}

std::optional<FrameNumber> parse_frame_number(std::string_view text) {
  NarrowText narrowed;
  if (needs_narrowing(text)) {
    narrowed = narrow(text);
    text = narrowed.text;
  }
  const FrameNumberMatch match = match_frame_number(text);
  if (match.length == 0 || match.length != text.size()) return std::nullopt;
  FrameNumber number;
  if (!match.stamped) number.type = characters_between(text, 0, match.type_end);
  number.serial = characters_between(text, match.serial_begin, match.length);
  return number;
}

}  // namespace sudare
