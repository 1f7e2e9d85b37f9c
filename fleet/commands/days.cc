#include "fleet/commands/days.h"

#include "base/clock.h"
#include "base/utc.h"
#include "fleet/cli/console.h"
#include "gateway/policy/check.h"

namespace sudare::commands {

std::int64_t today() { return SystemClock().wall_ms() / kMsPerDay; }

std::string day_text(std::int64_t unix_day) { return utc_text(unix_day * kMsPerDay, "%Y-%m-%d"); }

std::optional<std::int64_t> day_option(const char* option, const std::string& text,
                                       std::int64_t otherwise) {
  if (text.empty()) return otherwise;
  std::int64_t day = 0;
  if (parse_day(text, day) && day >= 0) return day;
  cli::report(std::string(option) + ": not a day: " + text, "YYYY-MM-DD, from 1970 on");
  return std::nullopt;
}

}  // namespace sudare::commands
