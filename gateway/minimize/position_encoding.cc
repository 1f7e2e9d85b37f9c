#include "gateway/minimize/position_encoding.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace sudare {
namespace {

constexpr std::int64_t kDegree = 10'000'000;
constexpr std::int64_t kLimitE7 = 360 * kDegree;
constexpr double kLimitE7Real = static_cast<double>(kLimitE7);

std::optional<std::int64_t> rounded(double e7) {
  if (!(std::fabs(e7) <= kLimitE7Real)) return std::nullopt;  // also NaN
  return std::llround(e7);
}

std::optional<std::int64_t> e7_of_nmea(double value) {
  const double size = std::fabs(value);
  const double degrees = std::floor(size / 100);
  const double minutes = size - degrees * 100;
  if (!(minutes < 60)) return std::nullopt;
  const auto e7 = rounded(degrees * 1e7 + minutes / 60 * 1e7);
  if (!e7) return std::nullopt;
  return std::signbit(value) ? -*e7 : *e7;
}

// The nearest integer to e7 * multiplier / divisor, halves away from 0; e7 ≥ 0.
std::int64_t scaled(std::int64_t e7, std::int64_t multiplier, std::int64_t divisor) {
  return (e7 * multiplier * 2 + divisor) / (2 * divisor);
}

struct DegreesMinutes {
  std::int64_t degrees;
  std::int64_t minutes;  // in units of 1 / per_minute
};

DegreesMinutes nmea_of(std::int64_t e7, std::int64_t per_minute) {
  const std::int64_t total = scaled(std::abs(e7), 60 * per_minute, kDegree);
  return {total / (60 * per_minute), total % (60 * per_minute)};
}

}  // namespace

std::optional<std::int64_t> e7_of_number(double value, v1::Unit unit) {
  switch (unit) {
    case v1::UNIT_UNSPECIFIED:
    case v1::DEGREES: return rounded(value * 1e7);
    case v1::DEGREES_E7: return rounded(value);
    case v1::DEGREES_E6: return rounded(value * 10);
    case v1::NMEA_DDMM: return e7_of_nmea(value);
    default: return std::nullopt;
  }
}

std::optional<std::int64_t> e7_of_integer(std::int64_t value, v1::Unit unit) {
  // Every position as an integer is below 2^53, so the way through a double is exact.
  return e7_of_number(static_cast<double>(value), unit);
}

std::optional<std::int64_t> e7_of_text(std::string_view text, v1::Unit unit) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return e7_of_number(value, unit);
}

double number_of_e7(std::int64_t e7, v1::Unit unit) {
  switch (unit) {
    case v1::DEGREES_E7: return static_cast<double>(e7);
    case v1::DEGREES_E6: return static_cast<double>(integer_of_e7(e7, unit).value_or(0));
    case v1::NMEA_DDMM: {
      const auto [degrees, minutes] = nmea_of(e7, 100'000);
      const double size = static_cast<double>(degrees * 10'000'000 + minutes) / 1e5;
      return e7 < 0 ? -size : size;
    }
    default: return static_cast<double>(e7) / 1e7;
  }
}

std::optional<std::int64_t> integer_of_e7(std::int64_t e7, v1::Unit unit) {
  if (unit == v1::DEGREES_E7) return e7;
  if (unit != v1::DEGREES_E6) return std::nullopt;
  const std::int64_t size = scaled(std::abs(e7), 1, 10);
  return e7 < 0 ? -size : size;
}

void append_text_of_e7(std::string& out, std::int64_t e7, v1::Unit unit, Axis axis) {
  char text[48];
  if (unit == v1::NMEA_DDMM) {
    const auto [degrees, minutes] = nmea_of(e7, 10'000);
    const int length = std::snprintf(
        text, sizeof text, "%s%0*lld%02lld.%04lld", e7 < 0 ? "-" : "",
        axis == Axis::kLatitude ? 2 : 3, static_cast<long long>(degrees),
        static_cast<long long>(minutes / 10'000), static_cast<long long>(minutes % 10'000));
    out.append(text, static_cast<std::size_t>(length));
    return;
  }
  const auto written =
      std::to_chars(text, text + sizeof text, number_of_e7(e7, unit), std::chars_format::fixed);
  out.append(text, static_cast<std::size_t>(written.ptr - text));
}

}  // namespace sudare
