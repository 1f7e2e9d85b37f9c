// Numbers down to a multiple of a step: 53 km/h in steps of 5 is 50. Hides what is finer than the
// step in one value; a series of values still tells when a multiple was crossed.
#pragma once

#include <cstdint>
#include <optional>

namespace sudare {

// One rule. Pure after construction; any thread. Every function returns nothing where there is no
// answer: a step that is not a positive number, a value that is not finite or beyond 2^53 (steps,
// or units for integers).
class Coarsen {
 public:
  // The result is clamped to [least, most] where most > least.
  Coarsen(double step, double least, double most);

  [[nodiscard]] double step() const { return step_; }  // as it was given

  // Integers stay integers: where a multiple of the step is none, the integer below it.
  [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t value) const;
  [[nodiscard]] std::optional<std::uint64_t> natural(std::uint64_t value) const;

  // Decimal steps (0.1) are exact: the result is the double nearest to the decimal multiple, and a
  // value that stands for a multiple (0.3, a little under three times 0.1 in binary) stays it.
  [[nodiscard]] std::optional<double> real(double value) const;
  // The same where `value` was a float: its decimal stands less exactly.
  [[nodiscard]] std::optional<double> single(float value) const;

 private:
  [[nodiscard]] std::optional<double> multiple_below(double value, double precision) const;
  [[nodiscard]] double clamped(double value) const;

  double step_;
  double least_;
  double most_;
  double numerator_ = 0;    // step = numerator / denominator, the denominator a power of ten, …
  double denominator_ = 0;  // … or 0: the step is no decimal number of up to 9 digits
};

}  // namespace sudare
