// Text for the page and the terminal. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sudare::sim {

// For HTML text and quoted attributes alike: &, <, >, " and ' become references, control characters
// spaces. A report names purposes and files as an operator wrote them.
[[nodiscard]] std::string escaped(std::string_view text);

// "12.3"; a negative zero is "0.0". Not a number: "–".
[[nodiscard]] std::string decimal(double value, int decimals);
// "12,345.6".
[[nodiscard]] std::string grouped(double value, int decimals);
// Of a share: "3.8 %", "100 %".
[[nodiscard]] std::string percent(double share);
// "180 m"; "3.4 km" from 1 km on.
[[nodiscard]] std::string meters(double value);
// "42 s"; "12 min".
[[nodiscard]] std::string seconds(double value);
// A metric's value with its unit: a share for "%".
[[nodiscard]] std::string with_unit(double value, const std::string& unit);

// Appends as std::printf prints.
[[gnu::format(printf, 2, 3)]] void append(std::string& text, const char* format, ...);

// Columns that UTF-8 text takes on a terminal, of letters as wide as ours.
[[nodiscard]] std::size_t columns(std::string_view text);
// Filled with spaces up to `width`; longer text stays whole.
[[nodiscard]] std::string left(std::string text, std::size_t width);
[[nodiscard]] std::string right(const std::string& text, std::size_t width);

}  // namespace sudare::sim
