#include "gateway/detect/number.h"

#include "gateway/detect/characters.h"

namespace sudare {
namespace {

// Between the numbers of a pair: `", "`, `°N, `.
constexpr std::size_t kPairGapMax = 6;

}  // namespace

Number number_at(std::string_view text, std::size_t at) {
  Number number;
  number.begin = at;
  const bool negative = text[at] == '-';
  if (negative || text[at] == '+') ++at;
  for (; at < text.size() && is_digit(text[at]); ++at, ++number.digits) {
    number.value = number.value * 10 + (text[at] - '0');
  }
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    double place = 1;
    for (++at; at < text.size() && is_digit(text[at]); ++at, ++number.decimals) {
      place /= 10;
      number.value += place * (text[at] - '0');
    }
  }
  if (negative) number.value = -number.value;
  number.end = at;
  return number;
}

bool linked(std::string_view text, const Number& first, const Number& second) {
  if (first.end == 0 || second.begin <= first.end) return false;
  const std::string_view gap = text.substr(first.end, second.begin - first.end);
  // The degree sign is C2 B0 in UTF-8.
  constexpr std::string_view kAllowed = " ,;|/\t\"'NSEWnsew\xC2\xB0";
  return gap.size() <= kPairGapMax && gap.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace sudare
