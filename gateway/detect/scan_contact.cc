// E-mail addresses and phone numbers in text.
#include "gateway/detect/characters.h"
#include "gateway/detect/scan.h"

namespace sudare {
namespace {

// RFC 5321: 64 octets before the "@", 255 after it.
constexpr std::size_t kLocalPartMax = 64;
constexpr std::size_t kDomainMax = 255;
// E.164: at most 15 digits; no country's numbers are shorter than 8 with the country code.
constexpr std::size_t kInternationalDigitsMax = 15;
constexpr std::size_t kInternationalDigitsMin = 8;

bool is_local_part(char c) {
  constexpr std::string_view kSpecial = ".!#$%&'*+/=?^_`{|}~-";
  return is_alnum(c) || !is_ascii(c) || kSpecial.find(c) != std::string_view::npos;
}

bool is_domain(char c) { return is_alnum(c) || !is_ascii(c) || c == '-' || c == '.'; }

// Where the domain that starts at `begin` ends; `begin` where it has no dot or no top-level domain.
std::size_t domain_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && end - begin < kDomainMax && is_domain(text[end])) ++end;
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const std::string_view domain = text.substr(begin, end - begin);
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) return begin;
  if (is_digit(domain[dot + 1])) return begin;  // user@1.2.3
  return end;
}

struct Digits {
  std::size_t end = 0;
  std::size_t count = 0;
};

// Up to 16 digits: one more than any number has.
Digits digits_at(std::string_view text, std::size_t at) {
  Digits digits{at, 0};
  while (digits.end < text.size() && digits.count <= kInternationalDigitsMax &&
         is_digit(text[digits.end])) {
    ++digits.end;
    ++digits.count;
  }
  return digits;
}

bool is_phone_separator(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
}

// "+81 90-1234-5678". The end, or `at`.
std::size_t international_end(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  if (end >= text.size() || text[end] < '1' || text[end] > '9') return at;
  std::size_t count = 0;
  std::size_t separators = 0;
  std::size_t dots = 0;
  std::size_t next = end;
  while (next < text.size() && count <= kInternationalDigitsMax) {
    if (is_digit(text[next])) {
      ++count;
      end = ++next;
      continue;
    }
    // At most two in a row: ") ".
    if (!is_phone_separator(text[next]) || next - end >= 2) break;
    if (text[next] == '.') ++dots;
    ++separators;
    ++next;
  }
  if (count < kInternationalDigitsMin || count > kInternationalDigitsMax) return at;
  if (dots == 1 && separators <= 1) return at;  // a signed decimal number
  if (end < text.size() && (is_alnum(text[end]) || text[end] == '+')) return at;
  return end;
}

// Domestic Japanese numbers have 10 digits, 11 where they start with 050, 070, 080, 090, 020 or
// 0800.
std::size_t domestic_digits(std::string_view text) {
  const bool mobile = text[2] == '0' && (text[1] == '5' || text[1] == '7' || text[1] == '8' ||
                                         text[1] == '9' || text[1] == '2');
  return mobile ? 11 : 10;
}

// "03-1234-5678", "(03)1234-5678", "0120-123-456", "090-1234-5678". The end, or `at`.
std::size_t domestic_end(std::string_view text, std::size_t at, double& confidence) {
  const std::string_view rest = text.substr(at);
  if (rest.size() < 10 || rest[0] != '0' || !is_digit(rest[1]) || rest[1] == '0') return at;
  const Digits first = digits_at(text, at);
  const std::size_t wanted = is_digit(rest[2]) ? domestic_digits(rest) : 10;
  std::size_t end = first.end;
  if (first.count == wanted) {
    // Without separators a long number may be anything that starts with 0.
    confidence = wanted == 11 ? 0.8 : 0.4;
  } else {
    if (first.count > 5 || end + 1 >= text.size() || !is_phone_separator(text[end])) return at;
    const Digits second = digits_at(text, end + 1);
    if (second.end >= text.size() || !is_phone_separator(text[second.end])) return at;
    const Digits third = digits_at(text, second.end + 1);
    const bool free_dial = first.count == 4 && third.count == 3 && second.count == 3;
    if (first.count + second.count + third.count != wanted) return at;
    if (second.count == 0 || (third.count != 4 && !free_dial)) return at;
    end = third.end;
    confidence = 0.9;
  }
  if (end < text.size() && (is_alnum(text[end]) || text[end] == '.')) {
    // A full stop may end a sentence, but a decimal point goes on with digits.
    if (text[end] != '.' || (end + 1 < text.size() && is_digit(text[end + 1]))) return at;
  }
  return end;
}

}  // namespace

void scan_email(std::string_view text, const Report& report) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < kLocalPartMax && is_local_part(text[begin - 1])) --begin;
    const std::size_t end = domain_end(text, at + 1);
    if (begin == at || end == at + 1) continue;
    report(Detected::kEmail, begin, end - begin, 0.9);
  }
}

void scan_phone(std::string_view text, const Report& report) {
  char before = ' ';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    std::size_t end = at;
    double confidence = 0.9;
    if (c == '+' && !is_alnum(before) && before != '.') {
      end = international_end(text, at);
    } else if (c == '0' && !is_alnum(before) && before != '.' && before != '-' && before != '+') {
      end = domestic_end(text, at, confidence);
    }
    if (end != at) {
      report(Detected::kPhone, at, end - at, confidence);
      at = end;
      before = text[at - 1];
      continue;
    }
    before = c;
    ++at;
  }
}

}  // namespace sudare
