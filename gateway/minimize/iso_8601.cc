// bucket_iso_8601 of time_bucket.h: reads a time as text, floors it and writes it in the same form.
#include <chrono>
#include <cstdio>

#include "gateway/minimize/time_bucket.h"

namespace sudare {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::size_t kFractionDigitsMax = 9;

struct IsoTime {
  std::int64_t utc_ms = 0;
  std::int64_t offset_ms = 0;  // local time = UTC + offset
  char separator = 0;          // between date and time; 0: a date alone
  bool seconds = false;
  char point = 0;  // before the fraction
  std::size_t fraction_digits = 0;
  std::string_view zone;  // as it was written
};

// Takes characters off the front of a text. Everything is false or nothing after a mismatch.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char expected) {
    if (peek() != expected || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits whose number is at most `most`.
  std::optional<int> number(std::size_t count, int most) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value > most) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> read_date_ms(Scanner& scan) {
  const auto year = scan.number(4, 9999);
  if (!year || !scan.take('-')) return std::nullopt;
  const auto month = scan.number(2, 12);
  if (!month || !scan.take('-')) return std::nullopt;
  const auto day = scan.number(2, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days{date}.time_since_epoch().count()} * kMsPerDay;
}

// "Z", "+09:00", "+0900", "+09" or nothing, to the end of the text.
std::optional<std::int64_t> read_offset_ms(Scanner& scan) {
  if (scan.at_end()) return 0;
  if (scan.take('Z') || scan.take('z')) {
    return scan.at_end() ? std::optional<std::int64_t>{0} : std::nullopt;
  }
  const bool negative = scan.peek() == '-';
  if (!scan.take('+') && !scan.take('-')) return std::nullopt;
  const auto hours = scan.number(2, 23);
  if (!hours) return std::nullopt;
  std::optional<int> minutes = 0;
  if (!scan.at_end()) {
    scan.take(':');
    minutes = scan.number(2, 59);
  }
  if (!minutes || !scan.at_end()) return std::nullopt;
  const std::int64_t offset_ms = (*hours * std::int64_t{60} + *minutes) * kMsPerMinute;
  return negative ? -offset_ms : offset_ms;
}

// The milliseconds of ".123456".
std::optional<std::int64_t> read_fraction_ms(Scanner& scan, IsoTime& time) {
  if (scan.peek() != '.' && scan.peek() != ',') return 0;
  time.point = scan.peek();
  scan.take(time.point);
  std::int64_t ms = 0;
  std::int64_t weight = 100;
  while (const auto digit = scan.number(1, 9)) {
    ms += *digit * weight;
    weight /= 10;
    if (++time.fraction_digits > kFractionDigitsMax) return std::nullopt;
  }
  return time.fraction_digits > 0 ? std::optional{ms} : std::nullopt;
}

std::optional<IsoTime> read_iso(std::string_view text) {
  IsoTime time;
  Scanner scan(text);
  const auto date_ms = read_date_ms(scan);
  if (!date_ms) return std::nullopt;
  time.utc_ms = *date_ms;
  if (scan.at_end()) return time;
  time.separator = scan.peek();
  if (!scan.take('T') && !scan.take('t') && !scan.take(' ')) return std::nullopt;
  const auto hour = scan.number(2, 23);
  if (!hour || !scan.take(':')) return std::nullopt;
  const auto minute = scan.number(2, 59);
  if (!minute) return std::nullopt;
  time.utc_ms += (*hour * std::int64_t{60} + *minute) * kMsPerMinute;
  if (scan.take(':')) {
    time.seconds = true;
    const auto second = scan.number(2, 60);  // 60: a leap second
    if (!second) return std::nullopt;
    const auto fraction_ms = read_fraction_ms(scan, time);
    if (!fraction_ms) return std::nullopt;
    time.utc_ms += *second * std::int64_t{1000} + *fraction_ms;
  }
  time.zone = scan.rest();
  const auto offset_ms = read_offset_ms(scan);
  if (!offset_ms) return std::nullopt;
  time.offset_ms = *offset_ms;
  time.utc_ms -= *offset_ms;
  return time;
}

void append_number(std::string& out, std::int64_t value, std::size_t width) {
  char digits[24];
  const int length = std::snprintf(digits, sizeof digits, "%0*lld", static_cast<int>(width),
                                   static_cast<long long>(value));
  out.append(digits, static_cast<std::size_t>(length));
}

void append_iso(std::string& out, const IsoTime& form, std::int64_t local_ms,
                const std::chrono::year_month_day& date) {
  append_number(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_number(out, static_cast<unsigned>(date.day()), 2);
  if (form.separator == 0) return;
  const std::int64_t of_day_ms = ((local_ms % kMsPerDay) + kMsPerDay) % kMsPerDay;
  out += form.separator;
  append_number(out, of_day_ms / (60 * kMsPerMinute), 2);
  out += ':';
  append_number(out, of_day_ms / kMsPerMinute % 60, 2);
  if (form.seconds) {
    out += ':';
    append_number(out, of_day_ms / 1000 % 60, 2);
  }
  if (form.fraction_digits > 0) {
    char digits[] = "000000000";  // kFractionDigitsMax
    const std::int64_t ms = of_day_ms % 1000;
    digits[0] = static_cast<char>('0' + ms / 100);
    digits[1] = static_cast<char>('0' + ms / 10 % 10);
    digits[2] = static_cast<char>('0' + ms % 10);
    out += form.point;
    out.append(digits, form.fraction_digits);
  }
  out.append(form.zone);
}

}  // namespace

bool bucket_iso_8601(std::string_view text, std::uint32_t bucket_ms, std::string& out) {
  const auto time = read_iso(text);
  if (!time) return false;
  const auto floored_ms = bucket_milliseconds(time->utc_ms, bucket_ms);
  if (!floored_ms) return false;
  const std::int64_t local_ms = *floored_ms + time->offset_ms;
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::milliseconds{local_ms});
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  if (date.year() < std::chrono::year{0} || date.year() > std::chrono::year{9999}) return false;
  append_iso(out, *time, local_ms, date);
  return true;
}

}  // namespace sudare
