#include "gateway/minimize/coarsen.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sudare {
namespace {

constexpr double kExactMax = 9'007'199'254'740'992.0;  // 2^53: up to here a double is an integer
constexpr int kDecimalsMax = 9;

}  // namespace

Coarsen::Coarsen(double step, double least, double most) : step_(step), least_(least), most_(most) {
  if (!(step > 0) || !std::isfinite(step)) return;
  double power = 1;
  for (int decimals = 0; decimals <= kDecimalsMax; ++decimals, power *= 10) {
    const double whole = std::nearbyint(step * power);
    if (whole < 1 || whole > kExactMax) continue;
    // The decimal number whole / power is the one that the step was written as.
    if (whole / power == step) {
      numerator_ = whole;
      denominator_ = power;
      return;
    }
  }
}

double Coarsen::clamped(double value) const {
  return most_ > least_ ? std::clamp(value, least_, most_) : value;
}

std::optional<double> Coarsen::multiple_below(double value, double precision) const {
  if (!(step_ > 0) || !std::isfinite(step_)) return std::nullopt;
  const double steps = value / step_;
  if (!(std::fabs(steps) < kExactMax)) return std::nullopt;  // also NaN
  const double near = std::nearbyint(steps);
  const bool is_multiple = std::fabs(steps - near) <= 4 * precision * std::fabs(near);
  const double count = is_multiple ? near : std::floor(steps);
  return denominator_ > 0 ? count * numerator_ / denominator_ : count * step_;
}

std::optional<double> Coarsen::real(double value) const {
  const auto multiple = multiple_below(value, std::numeric_limits<double>::epsilon());
  if (!multiple) return std::nullopt;
  return clamped(*multiple);
}

std::optional<double> Coarsen::single(float value) const {
  const auto multiple = multiple_below(static_cast<double>(value),
                                       static_cast<double>(std::numeric_limits<float>::epsilon()));
  if (!multiple) return std::nullopt;
  return clamped(*multiple);
}

std::optional<std::int64_t> Coarsen::integer(std::int64_t value) const {
  if (std::fabs(static_cast<double>(value)) >= kExactMax) return std::nullopt;
  double result = 0;
  if (denominator_ == 1) {
    const auto step = static_cast<std::int64_t>(numerator_);
    const std::int64_t rest = ((value % step) + step) % step;
    result = static_cast<double>(value - rest);
  } else {
    const auto multiple =
        multiple_below(static_cast<double>(value), std::numeric_limits<double>::epsilon());
    if (!multiple) return std::nullopt;
    result = *multiple;
  }
  result = std::floor(clamped(result));
  if (!(std::fabs(result) < kExactMax)) return std::nullopt;
  return static_cast<std::int64_t>(result);
}

std::optional<std::uint64_t> Coarsen::natural(std::uint64_t value) const {
  if (value >= static_cast<std::uint64_t>(kExactMax)) return std::nullopt;
  const auto result = integer(static_cast<std::int64_t>(value));
  if (!result || *result < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*result);
}

}  // namespace sudare
