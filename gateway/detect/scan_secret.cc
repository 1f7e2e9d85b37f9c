// NMEA sentences with a position, and private keys, in text.
#include <algorithm>
#include <array>

#include "gateway/detect/characters.h"
#include "gateway/detect/scan.h"

namespace sudare {
namespace {

// NMEA 0183: 82 characters; receivers exceed it a little.
constexpr std::size_t kSentenceMax = 120;

// Sentences that hold a position.
constexpr std::array<std::string_view, 6> kSentences{"RMC", "GGA", "GLL", "GNS", "BWC", "WPL"};

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char upper = to_upper(c);
  return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

// Whether "*hh" at `star` is the XOR of what lies between "$" and it.
bool checksum_holds(std::string_view body, std::string_view after_star) {
  if (after_star.size() < 2) return false;
  int sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  return hex_value(after_star[0]) * 16 + hex_value(after_star[1]) == sum;
}

// `comma`: the first comma of a sentence.
bool names_sentence(std::string_view text, std::size_t comma) {
  if (comma < 5) return false;
  const std::string_view name = text.substr(comma - 5, 5);
  if (name == "$PUBX" || name == "!PUBX") return true;  // u-blox's own
  return is_alpha(name[0]) && is_alpha(name[1]) && to_upper(name[0]) == name[0] &&
         std::find(kSentences.begin(), kSentences.end(), name.substr(2)) != kSentences.end();
}

bool equals_ignoring_case(std::string_view text, std::string_view capital) {
  return text.size() == capital.size() &&
         std::equal(text.begin(), text.end(), capital.begin(),
                    [](char a, char b) { return to_upper(a) == b; });
}

}  // namespace

void scan_nmea(std::string_view text, const Report& report) {
  for (std::size_t comma = text.find(','); comma != std::string_view::npos;
       comma = text.find(',', comma + 1)) {
    if (!names_sentence(text, comma)) continue;
    const bool dollar = comma > 5 && (text[comma - 6] == '$' || text[comma - 6] == '!');
    const std::size_t begin = comma - (dollar ? 6 : 5);
    std::string_view sentence = text.substr(begin, kSentenceMax);
    sentence = sentence.substr(0, sentence.find_first_of("\r\n"));
    const std::size_t star = sentence.find('*');
    double confidence = 0.8;
    if (star != std::string_view::npos) {
      const std::size_t skip = dollar ? 1 : 0;
      if (checksum_holds(sentence.substr(skip, star - skip), sentence.substr(star + 1))) {
        confidence = 1;
      }
      sentence = sentence.substr(0, star + 3);
    }
    report(Detected::kNmea, begin, sentence.size(), confidence);
  }
}

void scan_private_key(std::string_view text, const Report& report) {
  constexpr std::string_view kPem = "PRIVATE KEY-----";  // RSA, EC, ENCRYPTED, OPENSSH before it
  constexpr std::string_view kAge = "AGE-SECRET-KEY-";
  for (std::size_t at = text.find(kPem); at != std::string_view::npos;
       at = text.find(kPem, at + 1)) {
    report(Detected::kPrivateKey, at, kPem.size(), 1);
  }
  for (std::size_t at = 0; at + kAge.size() <= text.size(); ++at) {
    if (to_upper(text[at]) != 'A' || !equals_ignoring_case(text.substr(at, kAge.size()), kAge)) {
      continue;
    }
    std::size_t end = at + kAge.size();
    while (end < text.size() && is_alnum(text[end])) ++end;
    report(Detected::kPrivateKey, at, end - at, 1);
    at = end - 1;
  }
}

}  // namespace sudare
