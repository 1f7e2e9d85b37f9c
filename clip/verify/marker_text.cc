#include "clip/verify/marker_text.h"

#include <bitset>
#include <string_view>

namespace sudare::clip {
namespace {

using Index = std::ptrdiff_t;

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool alnum(char c) { return digit(c) || upper(c) || lower(c); }
constexpr bool hex(char c) { return digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

Index digits(const Place& at, Index from, Index most) {
  Index count = 0;
  while (count < most && digit(at[from + count])) ++count;
  return count;
}

int number(const Place& at, Index from) { return (at[from] - '0') * 10 + (at[from + 1] - '0'); }

// Repeated characters are what padding and flat pictures look like.
std::size_t distinct(const Place& at, Index length) {
  std::bitset<128> seen;
  for (Index i = 0; i < length; ++i) seen.set(static_cast<unsigned char>(at[i]) & 0x7FU);
  return seen.count();
}

bool year_at(const Place& at, Index from) {
  return digits(at, from, 4) == 4 && (number(at, from) == 19 || number(at, from) == 20);
}
bool month_and_day(int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

// 2023:01:02, with any of four separators; 20230102T030405; "03:04:05 2023", the end of asctime().
Index date(const Place& at) {
  if (digit(at[-1]) || !digit(at[0]) || !digit(at[1])) return 0;
  if (at[2] == ':') {
    const bool time = digits(at, 3, 2) == 2 && at[5] == ':' && digits(at, 6, 2) == 2;
    return time && at[8] == ' ' && year_at(at, 9) && !digit(at[13]) ? 13 : 0;
  }
  if (!year_at(at, 0)) return 0;
  if (one_of(at[4], ":-/.")) {
    const bool rest = digits(at, 5, 2) == 2 && at[7] == at[4] && digits(at, 8, 2) == 2;
    return rest && !digit(at[10]) && month_and_day(number(at, 5), number(at, 8)) ? 10 : 0;
  }
  if (digits(at, 4, 4) != 4 || !month_and_day(number(at, 4), number(at, 6))) return 0;
  const Index time = one_of(at[8], "T_- ") ? 9 : 8;
  if (digits(at, time, 7) != 6) return 0;
  return number(at, time) < 24 && number(at, time + 2) < 60 ? time + 6 : 0;
}

// Degrees with a point and at least four digits behind it; the index behind them, or 0.
Index degrees(const Place& at, Index from) {
  const Index whole = digits(at, from, 4);
  if (whole == 0 || whole > 3 || at[from + whole] != '.') return 0;
  const Index fraction = digits(at, from + whole + 1, 12);
  return fraction >= 4 ? from + whole + 1 + fraction : 0;
}

// "35.6812, 139.7671", "N:35.6812 E:139.7671"
Index decimal_pair(const Place& at) {
  if (digit(at[-1]) || at[-1] == '.') return 0;
  const Index first = degrees(at, 0);
  if (first == 0) return 0;
  Index second = first;
  while (second - first < 5 && one_of(at[second], " ,;:/+-NSEWnsew")) ++second;
  return second == first ? 0 : degrees(at, second);
}

// "3540.8720,N,13946.0260,E" as in NMEA 0183, without its "$GPRMC".
Index degrees_and_minutes(const Place& at) {
  if (digit(at[-1]) || digits(at, 0, 5) != 4 || at[4] != '.') return 0;
  Index next = 5 + digits(at, 5, 8);
  if (next < 7 || at[next] != ',' || !one_of(at[next + 1], "NS") || at[next + 2] != ',') return 0;
  next += 3;
  if (digits(at, next, 6) != 5 || at[next + 5] != '.') return 0;
  next += 6 + digits(at, next + 6, 8);
  return at[next] == ',' && one_of(at[next + 1], "EW") ? next + 2 : 0;
}

// ISO 6709, annex H: latitude, longitude, perhaps altitude; at least nine digits in the first two.
Index iso_6709(const Place& at) {
  Index next = 0;
  Index count = 0;
  for (unsigned part = 0; part < 2; ++part) {
    if (at[next] != '+' && at[next] != '-') return 0;
    const Index whole = digits(at, next + 1, 8);
    if (whole < 2 || whole > 7) return 0;
    next += 1 + whole;
    count += whole;
    if (at[next] != '.') continue;
    const Index fraction = digits(at, next + 1, 12);
    next += 1 + fraction;
    count += fraction;
  }
  return count >= 9 ? next : 0;
}

// Talker and sentence of NMEA 0183, with the comma behind them.
Index nmea(const Place& at) {
  if (at[0] != '$' || at[1] != 'G' || !one_of(at[2], "PNLABQI") || at[6] != ',') return 0;
  constexpr std::string_view kSentences = "RMCGGAGLLVTGGSAGSVZDAGNS";
  for (std::size_t i = 0; i < kSentences.size(); i += 3) {
    const std::string_view sentence = kSentences.substr(i, 3);
    if (at[3] == sentence[0] && at[4] == sentence[1] && at[5] == sentence[2]) return 7;
  }
  return 0;
}

// "Lavc59.", "Lavf59.": libav's marks.
Index libav(const Place& at) {
  const bool mark = at[0] == 'L' && at[1] == 'a' && at[2] == 'v' && one_of(at[3], "cfu");
  return mark && digits(at, 4, 3) == 2 && at[6] == '.' ? 7 : 0;
}

bool in_vin(char c) { return digit(c) || (upper(c) && c != 'I' && c != 'O' && c != 'Q'); }

// ISO 3779: 17 characters. At least four digits and two letters, which all makers' have.
Index vin(const Place& at) {
  constexpr Index kLength = 17;
  if (alnum(at[-1])) return 0;
  Index numbers = 0;
  for (Index i = 0; i < kLength; ++i) {
    if (!in_vin(at[i])) return 0;
    numbers += digit(at[i]) ? 1 : 0;
  }
  const bool plausible = numbers >= 4 && numbers <= kLength - 2 && distinct(at, kLength) >= 6;
  return plausible && !alnum(at[kLength]) ? kLength : 0;
}

// "ZVW30-1234567": letters, digits, perhaps a letter, a dash, six or seven digits.
Index frame_number(const Place& at) {
  if (alnum(at[-1]) || at[-1] == '-' || !upper(at[0])) return 0;
  Index next = 1;
  while (next < 4 && upper(at[next])) ++next;
  const Index model = digits(at, next, 4);
  if (model < 2 || model > 3) return 0;
  next += model;
  if (upper(at[next])) ++next;
  if (at[next] != '-') return 0;
  const Index serial = digits(at, next + 1, 8);
  next += 1 + serial;
  return (serial == 6 || serial == 7) && !alnum(at[next]) && at[next] != '-' ? next : 0;
}

// "LAE6101112400243", or 15 digits and more: serial numbers, IMEI, times in microseconds.
Index serial_number(const Place& at) {
  if (alnum(at[-1]) || at[-1] == '.') return 0;
  Index letters = 0;
  while (letters < 5 && upper(at[letters])) ++letters;
  if (letters > 4) return 0;
  constexpr Index kMost = 32;
  const Index count = digits(at, letters, kMost);
  const Index least = letters == 0 ? 15 : 10;
  if (count < least || alnum(at[letters + count])) return 0;
  return distinct(at, letters + count) >= 5 ? letters + count : 0;
}

// "00:11:22:aa:bb:cc"
Index mac_address(const Place& at) {
  constexpr Index kLength = 17;
  if (alnum(at[-1]) || at[-1] == at[2] || (at[2] != ':' && at[2] != '-')) return 0;
  for (Index i = 0; i < kLength; ++i) {
    if (i % 3 == 2 ? at[i] != at[2] : !hex(at[i])) return 0;
  }
  return alnum(at[kLength]) || at[kLength] == at[2] ? 0 : kLength;
}

bool in_local_part(char c) { return alnum(c) || one_of(c, "._+-"); }
bool in_domain(char c) { return alnum(c) || c == '-' || c == '.'; }

// How long local part and domain must be together, by the top-level domain, for random bytes not to
// hold an address by chance.
Index address_length_min(std::string_view top) {
  for (const std::string_view common :
       {".com", ".net", ".org", ".edu", ".gov", ".info", ".co.jp", ".ne.jp", ".or.jp", ".ac.jp",
        ".go.jp", ".co.uk", ".co.kr"}) {
    if (top.size() >= common.size() && top.substr(top.size() - common.size()) == common) return 5;
  }
  for (const std::string_view country : {".jp", ".de", ".uk", ".fr", ".it", ".es", ".cn", ".kr",
                                         ".us", ".eu", ".nl", ".ch", ".at", ".au", ".ca", ".tw"}) {
    if (top.size() > 3 && top.substr(top.size() - 3) == country) return 10;
  }
  return 14;
}

// The place is the "@".
std::optional<TextMatch> email(const Place& at) {
  constexpr Index kLocalMax = 64;
  constexpr Index kDomainMax = 63;
  Index local = 0;
  while (local < kLocalMax && in_local_part(at[-1 - local])) ++local;
  Index end = 1;
  while (end < kDomainMax && in_domain(at[end])) ++end;
  while (end > 1 && !alnum(at[end - 1])) --end;
  Index dot = end - 1;
  while (dot > 0 && at[dot] != '.') --dot;
  if (local < 2 || dot < 3 || end - dot < 3) return {};
  char domain[kDomainMax];
  for (Index i = 1; i < end; ++i) {
    domain[i - 1] = at[i];
    if (i > dot && !lower(at[i])) return {};
  }
  const std::string_view text(domain, static_cast<std::size_t>(end - 1));
  if (local + dot - 1 < address_length_min(text)) return {};
  return TextMatch{MarkerKind::kEmail, static_cast<std::size_t>(local),
                   static_cast<std::size_t>(end)};
}

using Matcher = Index (*)(const Place&);
struct Syntax {
  Matcher matcher;
  MarkerKind kind;
};
template <std::size_t N>
std::optional<TextMatch> first_match(const Place& at, const Syntax (&syntaxes)[N]) {
  for (const Syntax& syntax : syntaxes) {
    const Index length = syntax.matcher(at);
    if (length > 0) return TextMatch{syntax.kind, 0, static_cast<std::size_t>(length)};
  }
  return {};
}

}  // namespace

std::optional<TextMatch> match_text(const Place& at) {
  static constexpr Syntax kAtDigit[] = {{date, MarkerKind::kDate},
                                        {decimal_pair, MarkerKind::kCoordinates},
                                        {degrees_and_minutes, MarkerKind::kCoordinates},
                                        {serial_number, MarkerKind::kSerial},
                                        {mac_address, MarkerKind::kSerial},
                                        {vin, MarkerKind::kVin}};
  static constexpr Syntax kAtUpper[] = {{frame_number, MarkerKind::kFrameNumber},
                                        {serial_number, MarkerKind::kSerial},
                                        {mac_address, MarkerKind::kSerial},
                                        {vin, MarkerKind::kVin},
                                        {libav, MarkerKind::kEncoder}};
  static constexpr Syntax kAtLower[] = {{mac_address, MarkerKind::kSerial}};
  static constexpr Syntax kAtSign[] = {{iso_6709, MarkerKind::kCoordinates}};
  static constexpr Syntax kAtDollar[] = {{nmea, MarkerKind::kNmea}};
  const char c = at[0];
  if (digit(c)) return first_match(at, kAtDigit);
  if (upper(c)) return first_match(at, kAtUpper);
  if (c >= 'a' && c <= 'f') return first_match(at, kAtLower);
  if (c == '+' || c == '-') return first_match(at, kAtSign);
  if (c == '$') return first_match(at, kAtDollar);
  return c == '@' ? email(at) : std::nullopt;
}

}  // namespace sudare::clip
