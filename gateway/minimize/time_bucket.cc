#include "gateway/minimize/time_bucket.h"

#include <cmath>

namespace sudare {
namespace {

// The year 9999 in milliseconds, and as far before 1970: beyond, it is no time of a car, and the
// arithmetic below could overflow.
constexpr std::int64_t kTimeMsMax = 253'402'300'800'000;
constexpr double kTimeMsMaxReal = static_cast<double>(kTimeMsMax);

// Rounds towards the past.
std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

std::optional<std::int64_t> bucket_milliseconds(std::int64_t time_ms, std::uint32_t bucket_ms) {
  if (time_ms > kTimeMsMax || time_ms < -kTimeMsMax) return std::nullopt;
  const auto bucket = static_cast<std::int64_t>(bucket_ms);
  return floor_divide(time_ms, bucket) * bucket;
}

std::optional<std::int64_t> bucket_seconds(std::int64_t time_s, std::uint32_t bucket_ms) {
  if (time_s > kTimeMsMax / 1000 || time_s < -kTimeMsMax / 1000) return std::nullopt;
  const auto time_ms = bucket_milliseconds(time_s * 1000, bucket_ms);
  if (!time_ms) return std::nullopt;
  return floor_divide(*time_ms, 1000);
}

std::optional<double> bucket_milliseconds(double time_ms, std::uint32_t bucket_ms) {
  if (!(std::fabs(time_ms) <= kTimeMsMaxReal)) return std::nullopt;  // also NaN
  const auto floored =
      bucket_milliseconds(static_cast<std::int64_t>(std::floor(time_ms)), bucket_ms);
  if (!floored) return std::nullopt;
  return static_cast<double>(*floored);
}

std::optional<double> bucket_seconds(double time_s, std::uint32_t bucket_ms) {
  const auto floored = bucket_milliseconds(time_s * 1000, bucket_ms);
  if (!floored) return std::nullopt;
  return *floored / 1000;
}

}  // namespace sudare
