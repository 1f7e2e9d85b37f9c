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

// 28/11/2026 or 11/28/2026, with any of four separators.
Index day_first(const Place& at) {
  const bool fields = digits(at, 3, 2) == 2 && at[5] == at[2] && year_at(at, 6) && !digit(at[10]);
  if (!fields) return 0;
  const int one = number(at, 0);
  const int other = number(at, 3);
  return month_and_day(one, other) || month_and_day(other, one) ? 10 : 0;
}

// 2023:01:02 and 01/02/2023, with any of four separators; 20230102, 20230102T030405;
// "03:04:05 2023", the end of asctime().
Index date(const Place& at) {
  if (digit(at[-1]) || !digit(at[0]) || !digit(at[1])) return 0;
  if (at[2] == ':') {
    const bool time = digits(at, 3, 2) == 2 && at[5] == ':' && digits(at, 6, 2) == 2;
    if (time && at[8] == ' ' && year_at(at, 9) && !digit(at[13])) return 13;
  }
  if (one_of(at[2], ":-/.")) return day_first(at);
  if (!year_at(at, 0)) return 0;
  if (one_of(at[4], ":-/.")) {
    const bool rest = digits(at, 5, 2) == 2 && at[7] == at[4] && digits(at, 8, 2) == 2;
    return rest && !digit(at[10]) && month_and_day(number(at, 5), number(at, 8)) ? 10 : 0;
  }
  if (digits(at, 4, 4) != 4 || !month_and_day(number(at, 4), number(at, 6))) return 0;
  const Index time = one_of(at[8], "T_- ") ? 9 : 8;
  const bool timed = digits(at, time, 7) == 6 && number(at, time) < 24 && number(at, time + 2) < 60;
  if (timed) return time + 6;
  return alnum(at[-1]) || alnum(at[8]) ? 0 : 8;
}

// "Nov 28 2026", "Nov 28, 2026", "Nov 2026" (behind "28 ").
Index named_date(const Place& at) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const char name[3] = {at[0], static_cast<char>(at[1] | 0x20), static_cast<char>(at[2] | 0x20)};
  const std::size_t found = kMonths.find(std::string_view(name, 3));
  if (found == std::string_view::npos || found % 3 != 0 || !one_of(at[3], " -/.")) return 0;
  if (year_at(at, 4) && !digit(at[8])) return digit(at[-2]) ? 8 : 0;
  const Index day = at[4] == ' ' ? 5 : 4;
  const Index count = digits(at, day, 3);
  if (count < 1 || count > 2) return 0;
  Index year = day + count;
  while (year < day + count + 2 && one_of(at[year], " ,-/.")) ++year;
  return year > day + count && year_at(at, year) && !digit(at[year + 4]) ? year + 4 : 0;
}

// Seconds since 1970, from 2017 to 2039: "1795854600".
Index unix_time(const Place& at) {
  if (alnum(at[-1]) || at[-1] == '.' || digits(at, 0, 11) != 10 || alnum(at[10])) return 0;
  const bool recent = at[0] == '1' ? at[1] >= '5' : at[0] == '2' && at[1] <= '1';
  return recent && distinct(at, 10) >= 4 ? 10 : 0;
}

// Degrees with a point and at least three digits (100 m) behind it; the index behind them, or 0.
Index degrees(const Place& at, Index from) {
  const Index whole = digits(at, from, 4);
  if (whole == 0 || whole > 3 || at[from + whole] != '.') return 0;
  const Index fraction = digits(at, from + whole + 1, 12);
  return fraction >= 3 ? from + whole + 1 + fraction : 0;
}

// "35.6812, 139.7671", "35.681|139.767", "N:35.6812 E:139.7671"
Index decimal_pair(const Place& at) {
  if (digit(at[-1]) || at[-1] == '.') return 0;
  const Index first = degrees(at, 0);
  if (first == 0) return 0;
  Index second = first;
  while (second - first < 5 && one_of(at[second], " ,;:/|\t\r\n+-NSEWnsew")) ++second;
  return second == first ? 0 : degrees(at, second);
}

// "lat":35.17, lon=136.8, Lng: -12.3: a key and a number with a point.
Index keyed_degrees(const Place& at) {
  const char a = at[0];
  const bool capital = upper(at[1]);
  const std::string_view rest = capital ? "ATONNG" : "atonng";
  if ((a != 'l' && a != 'L') || (capital && a == 'l')) return 0;
  bool key = false;
  for (std::size_t i = 0; i < rest.size(); i += 2) {
    key = key || (at[1] == rest[i] && at[2] == rest[i + 1]);
  }
  if (!key) return 0;
  Index next = 3;
  while (next < 5 && one_of(at[next], "\"' ")) ++next;
  if (at[next] != ':' && at[next] != '=') return 0;
  const Index value = ++next;
  while (next < value + 2 && one_of(at[next], "\"' ")) ++next;
  if (at[next] == '-' || at[next] == '+') ++next;
  const Index whole = digits(at, next, 4);
  if (whole < 1 || whole > 3 || at[next + whole] != '.') return 0;
  next += whole + 1;
  const Index fraction = digits(at, next, 12);
  return fraction > 0 ? next + fraction : 0;
}

// "geo:35.17,136.88" (RFC 5870)
Index geo_uri(const Place& at) {
  if (at[0] != 'g' || at[1] != 'e' || at[2] != 'o' || at[3] != ':') return 0;
  const Index from = at[4] == '-' || at[4] == '+' ? 5 : 4;
  const Index whole = digits(at, from, 4);
  if (whole < 1 || whole > 3) return 0;
  const Index next = from + whole;
  return (at[next] == '.' || at[next] == ',') && digit(at[next + 1]) ? next + 2 : 0;
}

// Degrees, minutes, perhaps seconds, perhaps a fraction: "3540.8720", "35 10.23", "35:10:14",
// with the signs of degrees, minutes and seconds too; the index behind them, or 0.
Index angle(const Place& at, Index from) {
  constexpr std::string_view kSigns = " :-'\"d\xC2\xB0";
  const auto part = [&at, kSigns](Index next) {
    const Index start = next;
    while (next < start + 2 && one_of(at[next], kSigns)) ++next;
    return next > start && digits(at, next, 3) == 2 ? next + 2 : start;
  };
  const Index whole = digits(at, from, 6);
  if (whole < 2 || whole > 5) return 0;
  Index next = from + whole;
  if (whole < 4) {
    const Index minutes = part(next);
    if (minutes == next) return 0;
    next = part(minutes);
  }
  if (at[next] == '.') next += 1 + digits(at, next + 1, 12);
  while (one_of(at[next], "'\"")) ++next;
  return next;
}

// A latitude and a longitude in such degrees, each with its letter before or behind:
// "3540.8720,N,13946.0260,E" (as in NMEA 0183), "35 10.2345N 136 52.9876E", "N35 10 14 E136 52 53".
Index degrees_and_minutes(const Place& at) {
  if (alnum(at[-1]) || at[-1] == '.') return 0;
  const bool before = at[0] == 'N' || at[0] == 'S';
  Index next = 0;
  for (const std::string_view letters : {"NS", "EW"}) {
    const Index start = next;
    while (next < start + 3 && one_of(at[next], " ,;")) ++next;
    if (before && !one_of(at[next++], letters)) return 0;
    if (before && at[next] == ' ') ++next;
    next = angle(at, next);
    if (next == 0) return 0;
    if (before) continue;
    const Index end = next;
    while (next < end + 2 && one_of(at[next], " ,")) ++next;
    if (!one_of(at[next++], letters)) return 0;
  }
  return next;
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

bool in_list(const Place& at, Index from, std::string_view list, std::size_t length) {
  for (std::size_t i = 0; i < list.size(); i += length) {
    std::size_t same = 0;
    while (same < length && at[from + static_cast<Index>(same)] == list[i + same]) ++same;
    if (same == length) return true;
  }
  return false;
}

// Talker and sentence of NMEA 0183, with the comma behind them; any other and four characters of
// fields.
Index nmea(const Place& at) {
  if (at[0] != '$') return 0;
  if (at[6] == ',' && in_list(at, 1, "GPGNGLGAGBGQGIBDQZIIIN", 2) &&
      in_list(at, 3, "RMCGGAGLLVTGGSAGSVZDAGNSTXTGSTGBSGRSHDTRMBTHSDTM", 3)) {
    return 7;
  }
  Index next = 1;
  while (next < 6 && upper(at[next])) ++next;
  if (next < 5 || at[next] != ',') return 0;
  const Index fields = next + 1;
  while (next < fields + 5 && one_of(at[next + 1], "0123456789,.-NSEWAV")) ++next;
  return next - fields + 1 >= 5 ? next + 1 : 0;
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

// "+819012345678", "+81 90-1234-5678"
Index phone_number(const Place& at) {
  if (alnum(at[-1]) || at[0] != '+') return 0;
  Index next = 1;
  Index count = 0;
  while (count < 16) {
    if (digit(at[next])) {
      ++count;
    } else if (!one_of(at[next], " -") || !digit(at[next + 1]) || next == 1) {
      break;
    }
    ++next;
  }
  return count >= 10 && count <= 15 && !alnum(at[next]) ? next : 0;
}

// "090-1234-5678", "052-123-4567"
Index national_number(const Place& at) {
  if (alnum(at[-1]) || at[-1] == '-' || at[0] != '0') return 0;
  const Index area = digits(at, 0, 6);
  if (area < 2 || area > 5 || at[area] != '-') return 0;
  const Index middle = digits(at, area + 1, 5);
  const Index last = area + middle + 2;
  if (middle < 1 || middle > 4 || at[last - 1] != '-' || digits(at, last, 5) != 4) return 0;
  const Index count = area + middle + 4;
  return (count == 10 || count == 11) && !alnum(at[last + 4]) ? last + 4 : 0;
}

bool in_local_part(char c) { return alnum(c) || one_of(c, "._+-"); }
bool in_domain(char c) { return alnum(c) || c == '-' || c == '.'; }

// How long local part and domain must be together, by the top-level domain, for random bytes not to
// hold an address by chance. `small`: without capitals, which is rarer.
Index address_length_min(std::string_view top, bool small) {
  for (const std::string_view common :
       {".com", ".net", ".org", ".edu", ".gov", ".info", ".co.jp", ".ne.jp", ".or.jp", ".ac.jp",
        ".go.jp", ".co.uk", ".co.kr"}) {
    if (top.size() >= common.size() && top.substr(top.size() - common.size()) == common) {
      return small ? 3 : 5;
    }
  }
  for (const std::string_view country : {".jp", ".de", ".uk", ".fr", ".it", ".es", ".cn", ".kr",
                                         ".us", ".eu", ".nl", ".ch", ".at", ".au", ".ca", ".tw"}) {
    if (top.size() <= 3 || top.substr(top.size() - 3) != country) continue;
    if (!small) return 10;
    return country == ".jp" ? 5 : 7;
  }
  return small ? 10 : 14;
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
  if (local < 2 || dot < 2 || end - dot < 3) return {};
  char domain[kDomainMax];
  bool small = true;
  for (Index i = 1; i <= local; ++i) small = small && !upper(at[-i]);
  for (Index i = 1; i < end; ++i) {
    domain[i - 1] = at[i];
    small = small && !upper(at[i]);
    if (i > dot && !lower(at[i])) return {};
  }
  const std::string_view text(domain, static_cast<std::size_t>(end - 1));
  if (local + dot - 1 < address_length_min(text, small)) return {};
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
                                        {unix_time, MarkerKind::kDate},
                                        {decimal_pair, MarkerKind::kCoordinates},
                                        {degrees_and_minutes, MarkerKind::kCoordinates},
                                        {national_number, MarkerKind::kPhone},
                                        {serial_number, MarkerKind::kSerial},
                                        {mac_address, MarkerKind::kSerial},
                                        {vin, MarkerKind::kVin}};
  static constexpr Syntax kAtUpper[] = {{named_date, MarkerKind::kDate},
                                        {keyed_degrees, MarkerKind::kCoordinates},
                                        {degrees_and_minutes, MarkerKind::kCoordinates},
                                        {frame_number, MarkerKind::kFrameNumber},
                                        {serial_number, MarkerKind::kSerial},
                                        {mac_address, MarkerKind::kSerial},
                                        {vin, MarkerKind::kVin},
                                        {libav, MarkerKind::kEncoder}};
  static constexpr Syntax kAtLower[] = {{mac_address, MarkerKind::kSerial}};
  static constexpr Syntax kAtG[] = {{geo_uri, MarkerKind::kCoordinates}};
  static constexpr Syntax kAtL[] = {{keyed_degrees, MarkerKind::kCoordinates}};
  static constexpr Syntax kAtSign[] = {{iso_6709, MarkerKind::kCoordinates},
                                       {phone_number, MarkerKind::kPhone}};
  static constexpr Syntax kAtDollar[] = {{nmea, MarkerKind::kNmea}};
  const char c = at[0];
  if (digit(c)) return first_match(at, kAtDigit);
  if (upper(c)) return first_match(at, kAtUpper);
  if (c >= 'a' && c <= 'f') return first_match(at, kAtLower);
  if (c == 'g') return first_match(at, kAtG);
  if (c == 'l') return first_match(at, kAtL);
  if (c == '+' || c == '-') return first_match(at, kAtSign);
  if (c == '$') return first_match(at, kAtDollar);
  return c == '@' ? email(at) : std::nullopt;
}

}  // namespace sudare::clip
