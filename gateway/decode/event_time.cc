#include "gateway/decode/event_time.h"

#include <charconv>
#include <chrono>
#include <cmath>

namespace sudare {
namespace {

constexpr std::int64_t kMsMax = 253'402'300'799'999;  // the end of 9999
constexpr std::int64_t kMsPerMinute = 60'000;

std::optional<std::int64_t> in_range(std::int64_t ms) {
  if (ms < 0 || ms > kMsMax) return std::nullopt;
  return ms;
}

// Takes the parts of a text off its front.
class Parts {
 public:
  explicit Parts(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits.
  bool number(std::size_t count, int most, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value <= most;
  }
  // A fraction's digits as thousandths, the rest cut off.
  bool thousandths(int& value) {
    int place = 100;
    std::size_t digits = 0;
    for (value = 0; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; ++digits, place /= 10) {
      value += place * (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return digits > 0;
  }

 private:
  std::string_view rest_;
};

// "Z", "+09:00", "+0900", "+09" or nothing.
bool read_zone(Parts& parts, std::int64_t& offset_ms) {
  offset_ms = 0;
  if (parts.at_end() || parts.take('Z') || parts.take('z')) return parts.at_end();
  const bool west = parts.take('-');
  if (!west && !parts.take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!parts.number(2, 23, hours)) return false;
  parts.take(':');
  if (!parts.at_end() && !parts.number(2, 59, minutes)) return false;
  offset_ms = (west ? -1 : 1) * (hours * 60 + minutes) * kMsPerMinute;
  return parts.at_end();
}

std::optional<std::int64_t> read_iso_8601(std::string_view text) {
  Parts parts(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!parts.number(4, 9999, year) || !parts.take('-') || !parts.number(2, 12, month) ||
      !parts.take('-') || !parts.number(2, 31, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int fraction_ms = 0;
  if (parts.take('T') || parts.take('t') || parts.take(' ')) {
    if (!parts.number(2, 23, hour) || !parts.take(':') || !parts.number(2, 59, minute)) {
      return std::nullopt;
    }
    if (parts.take(':') && !parts.number(2, 60, second)) return std::nullopt;  // 60: a leap second
    if ((parts.take('.') || parts.take(',')) && !parts.thousandths(fraction_ms)) {
      return std::nullopt;
    }
  }
  std::int64_t offset_ms = 0;
  if (!read_zone(parts, offset_ms)) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return in_range((days * 24 * 60 + hour * 60 + minute) * kMsPerMinute + second * 1000 +
                  fraction_ms - offset_ms);
}

}  // namespace

std::optional<std::int64_t> event_time_of(double number, v1::Unit unit) {
  const double ms = unit == v1::SECONDS ? number * 1000 : number;
  if (unit != v1::SECONDS && unit != v1::MILLISECONDS) return std::nullopt;
  if (!(ms >= 0 && ms <= static_cast<double>(kMsMax))) return std::nullopt;
  return static_cast<std::int64_t>(std::floor(ms + 1e-3));  // 0.1 s is not 99 ms
}

std::optional<std::int64_t> event_time_of(std::int64_t number, v1::Unit unit) {
  if (unit == v1::MILLISECONDS) return in_range(number);
  if (unit != v1::SECONDS || number < 0 || number > kMsMax / 1000) return std::nullopt;
  return number * 1000;
}

std::optional<std::int64_t> event_time_of(std::string_view text, v1::Unit unit) {
  if (unit == v1::ISO_8601) return read_iso_8601(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return event_time_of(number, unit);
}

}  // namespace sudare
