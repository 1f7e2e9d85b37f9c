#include "gateway/policy/check.h"

namespace sudare {
namespace {

constexpr bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(int year, int month) {
  switch (month) {
    case 2: return is_leap(year) ? 29 : 28;
    case 4:
    case 6:
    case 9:
    case 11: return 30;
    default: return 31;
  }
}

// Digits of `text` as a number; -1 where one is none.
int digits(const std::string& text, std::size_t start, std::size_t count) {
  int value = 0;
  for (std::size_t i = start; i < start + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

bool parse_day(const std::string& text, std::int64_t& unix_day) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
  std::int64_t days = day - 1;
  for (int m = 1; m < month; ++m) days += days_in(year, m);
  for (int y = 1970; y < year; ++y) days += is_leap(y) ? 366 : 365;
  unix_day = days;
  return true;
}

}  // namespace sudare
