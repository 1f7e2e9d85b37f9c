#include "clip/run/read_report.h"

#include <simdjson.h>

#include <limits>

namespace sudare::clip {
namespace {

using simdjson::dom::object;

bool read(const object& line, std::string_view key, std::uint64_t& value) {
  return line[key].get_uint64().get(value) == simdjson::SUCCESS;
}

bool read(const object& line, std::string_view key, std::uint32_t& value) {
  std::uint64_t wide = 0;
  if (!read(line, key, wide) || wide > std::numeric_limits<std::uint32_t>::max()) return false;
  value = static_cast<std::uint32_t>(wide);
  return true;
}

bool read(const object& line, std::string_view key, std::int64_t& value) {
  return line[key].get_int64().get(value) == simdjson::SUCCESS;
}

bool read(const object& line, std::string_view key, bool& value) {
  return line[key].get_bool().get(value) == simdjson::SUCCESS;
}

// An enum by its literal; the enum's values run from 0 to `last`.
template <class Enum>
bool read(const object& line, std::string_view key, Enum last, Enum& value) {
  std::string_view name;
  if (line[key].get_string().get(name) != simdjson::SUCCESS) return false;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    value = static_cast<Enum>(i);
    if (literal_of(value).view() == name) return true;
  }
  return false;
}

// Of a finding: whatever is no name of one is "other".
bool read(const object& line, std::string_view key, Literal& value) {
  std::string_view name;
  if (line[key].get_string().get(name) != simdjson::SUCCESS) return false;
  value = finding_name(name);
  return true;
}

}  // namespace

std::optional<Report> read_report(std::string_view line) {
  if (line.size() > kReportBytesMax) return std::nullopt;
  simdjson::dom::parser parser;
  object members;
  if (parser.parse(line.data(), line.size()).get_object().get(members) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  Report report;
  const bool whole =
      read(members, "result", Outcome::kInternal, report.outcome) &&
      read(members, "reason", Reason::kLibrary, report.reason) &&
      read(members, "codec", Codec::kH263, report.codec) && read(members, "width", report.width) &&
      read(members, "height", report.height) && read(members, "frames", report.frames) &&
      read(members, "skipped", report.skipped) && read(members, "bytes", report.bytes) &&
      read(members, "window_ms", report.window_ms) && read(members, "findings", report.findings) &&
      read(members, "what", report.what) && read(members, "offset", report.offset) &&
      read(members, "truncated", report.truncated) && read(members, "sound", report.sound) &&
      read(members, "landlock", report.landlock);
  if (!whole || members.size() != 15) return std::nullopt;
  return report;
}

}  // namespace sudare::clip
