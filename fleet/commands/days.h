// Days on the command line: YYYY-MM-DD, UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sudare::commands {

// Of the operating system's clock.
[[nodiscard]] std::int64_t today();

[[nodiscard]] std::string day_text(std::int64_t unix_day);

// The day that `text` names, or `otherwise` where it is empty. Says on stderr what is wrong with
// `option` and returns nothing where it is no day from 1970 on.
[[nodiscard]] std::optional<std::int64_t> day_option(const char* option, const std::string& text,
                                                     std::int64_t otherwise);

}  // namespace sudare::commands
