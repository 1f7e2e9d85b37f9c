#include "gateway/detect/vin.h"

#include <string>

#include "gateway/detect/narrow.h"
#include "gateway/detect/vin_makers.h"

namespace sudare {
namespace {

bool is_separator(char c) { return c == ' ' || c == '-' || c == '_' || c == '.' || c == '/'; }

// The number that a character stands for in the check digit's sum; -1 where a VIN can't hold it.
int transliterate(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'H') return c - 'A' + 1;
  if (c >= 'J' && c <= 'N') return c - 'J' + 1;
  if (c == 'P') return 7;
  if (c == 'R') return 9;
  if (c >= 'S' && c <= 'Z') return c - 'S' + 2;
  return -1;
}

std::optional<Vin> parse_ascii(std::string_view text) {
  Vin vin;
  std::size_t count = 0;
  for (const char given : text) {
    if (is_separator(given)) continue;
    const char c = given >= 'a' && given <= 'z' ? static_cast<char>(given - 'a' + 'A') : given;
    if (transliterate(c) < 0 || count == kVinLength) return std::nullopt;
    vin.text[count++] = c;
  }
  if (count != kVinLength) return std::nullopt;
  return vin;
}

}  // namespace

std::optional<Vin> parse_vin(std::string_view text) {
  if (needs_narrowing(text)) return parse_ascii(narrow(text).text);
  return parse_ascii(text);
}

char vin_check_digit(const Vin& vin) {
  constexpr std::array<int, kVinLength> kWeights{8, 7, 6, 5, 4, 3, 2, 10, 0,
                                                 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (std::size_t i = 0; i < kVinLength; ++i) sum += kWeights[i] * transliterate(vin.text[i]);
  const int digit = sum % 11;
  return digit == 10 ? 'X' : static_cast<char>('0' + digit);
}

bool vin_check_digit_holds(const Vin& vin) { return vin.text[8] == vin_check_digit(vin); }

Literal vin_maker(const Vin& vin) { return maker_of({vin.text.data(), 3}); }

std::array<char, kVinModelLength> vin_model(const Vin& vin) {
  return {vin.text[3], vin.text[4], vin.text[5], vin.text[6], vin.text[7]};
}

int vin_model_year(const Vin& vin) {
  // 1–9 are 2001–2009; then the letters without I, O, Q, U and Z, from 2010.
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTVWXY";
  const char code = vin.text[9];
  if (code >= '1' && code <= '9') return 2000 + (code - '0');
  const std::size_t at = kLetters.find(code);
  return at == std::string_view::npos ? 0 : 2010 + static_cast<int>(at);
}

}  // namespace sudare
