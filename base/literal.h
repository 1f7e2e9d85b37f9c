// Text that was written in the source code. The only text that errors and log events can hold, so
// that neither can carry a value that came from a car.
#pragma once

#include <cstddef>
#include <string_view>

namespace sudare {

// A view of a string literal. The constructor is consteval: text that exists only at run time does
// not compile. Copyable; any thread; lives as long as the program.
class Literal {
 public:
  template <std::size_t N>
  consteval Literal(const char (
      &text)[N])  // NOLINT(google-explicit-constructor): a literal is what it looks like
      : text_(text, N - 1) {}

  [[nodiscard]] constexpr std::string_view view() const { return text_; }
  friend constexpr bool operator==(Literal a, Literal b) { return a.text_ == b.text_; }

 private:
  std::string_view text_;
};

}  // namespace sudare
