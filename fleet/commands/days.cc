#include "fleet/commands/days.h"

#include <chrono>

#include "base/clock.h"
#include "fleet/cli/console.h"
#include "gateway/policy/check.h"

namespace sudare::commands {

std::int64_t today() { return SystemClock().wall_ms() / kMsPerDay; }

std::string day_text(std::int64_t unix_day) {
  const std::chrono::sys_days day{std::chrono::days{unix_day}};
  const std::chrono::year_month_day date{day};
  const auto two = [](unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return std::to_string(static_cast<int>(date.year())) + "-" +
         two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day()));
}

std::optional<std::int64_t> day_option(const char* option, const std::string& text,
                                       std::int64_t otherwise) {
  if (text.empty()) return otherwise;
  std::int64_t day = 0;
  if (parse_day(text, day) && day >= 0) return day;
  cli::report(std::string(option) + ": not a day: " + text, "YYYY-MM-DD, from 1970 on");
  return std::nullopt;
}

}  // namespace sudare::commands
