// Numbers in text, and which of them stand together. Part of the scanners of positions.
#pragma once

#include <cstddef>
#include <string_view>

namespace sudare {

struct Number {
  double value = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t digits = 0;  // before the point
  std::size_t decimals = 0;
};

// The number at `at`, where a digit or a sign with a digit stands. Pure; linear.
[[nodiscard]] Number number_at(std::string_view text, std::size_t at);

// Whether what lies between two numbers makes them a pair. Pure; bounded.
[[nodiscard]] bool linked(std::string_view text, const Number& first, const Number& second);

}  // namespace sudare
