#include "fleet/audit/inputs.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace sudare {
namespace {

constexpr double kE7 = 1e7;
constexpr std::int64_t kLatitudeMax = 900'000'000;
constexpr std::int64_t kLongitudeMax = 1'800'000'000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// `each(line, number)` for each line that is not empty, until it fails.
template <class Each>
Status each_line(std::string_view text, const Each& each) {
  std::int64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    ++number;
    if (!line.empty()) {
      TRY(each(line, number));
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return Done{};
}

std::optional<AuditPosition> in_range(std::int64_t latitude, std::int64_t longitude) {
  if (latitude < -kLatitudeMax || latitude > kLatitudeMax) return std::nullopt;
  if (longitude < -kLongitudeMax || longitude > kLongitudeMax) return std::nullopt;
  return AuditPosition{static_cast<std::int32_t>(latitude), static_cast<std::int32_t>(longitude)};
}

std::optional<double> degrees(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(std::fabs(value) <= 180)) return std::nullopt;
  return value;
}

std::optional<AuditPosition> from_degrees(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto latitude = degrees(line.substr(0, comma));
  const auto longitude = degrees(line.substr(comma + 1));
  if (!latitude || !longitude) return std::nullopt;
  return in_range(std::llround(*latitude * kE7), std::llround(*longitude * kE7));
}

std::optional<AuditPosition> from_json(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto latitude = json.find("latitude_e7");
  const auto longitude = json.find("longitude_e7");
  if (latitude == json.end() || !latitude->is_number_integer()) return std::nullopt;
  if (longitude == json.end() || !longitude->is_number_integer()) return std::nullopt;
  return in_range(latitude->get<std::int64_t>(), longitude->get<std::int64_t>());
}

}  // namespace

Result<std::vector<std::string>> parse_identifiers(std::string_view text) {
  std::vector<std::string> identifiers;
  TRY(each_line(text, [&](std::string_view line, std::int64_t number) -> Status {
    if (line.size() < kIdentifierBytesMin || line.size() > kIdentifierBytesMax) {
      return fail(ErrorCode::kRefused, "identifiers: not of 6 to 256 bytes, line", number);
    }
    identifiers.emplace_back(line);
    return Done{};
  }));
  return identifiers;
}

Result<std::vector<AuditPosition>> parse_positions(std::string_view text) {
  std::vector<AuditPosition> positions;
  TRY(each_line(text, [&](std::string_view line, std::int64_t number) -> Status {
    if (line.front() == '#') return Done{};
    const auto position = line.front() == '{' ? from_json(line) : from_degrees(line);
    if (!position) return fail(ErrorCode::kMalformed, "positions: not a position, line", number);
    positions.push_back(*position);
    return Done{};
  }));
  return positions;
}

}  // namespace sudare
