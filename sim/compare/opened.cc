#include "sim/compare/opened.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/base64_text.h"

namespace sudare::sim {

namespace {

using nlohmann::json;

// A month of one car, opened, is some 10 MB.
constexpr std::size_t kOpenedBytesMax = std::size_t{4} * 1024 * 1024 * 1024;

bool take_line(const json& line, OpenedRecord& record) {
  record.purpose = line.at("purpose");
  record.topic = line.at("topic");
  record.time_ms = line.at("time_ms");
  record.verified = line.value("verified", "");
  if (const auto payload = line.find("payload"); payload != line.end()) {
    record.json = true;
    record.payload = payload->dump();
    return true;
  }
  auto bytes = from_base64(line.at("payload_base64").get<std::string>());
  if (!bytes) return false;
  record.payload = *std::move(bytes);
  return true;
}

// `take`: false where the line is none.
template <typename Take>
Parsed<Done> for_each_line(const std::string& file, std::string_view text, Take take) {
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    bool taken = false;
    try {
      taken = take(json::parse(line), number);
    } catch (const json::exception&) {
      taken = false;
    }
    if (!taken) {
      return input_error(file, number, "is no line of `sudare open`",
                         "pass what `sudare open` wrote");
    }
  }
  return Done{};
}

}  // namespace

Parsed<Done> parse_opened(const std::string& file, std::string_view text,
                          std::vector<OpenedRecord>& records) {
  return for_each_line(file, text, [&](const json& line, int number) {
    if (line.contains("clip")) return true;
    OpenedRecord record;
    record.file = file;
    record.line = number;
    if (!take_line(line, record)) return false;
    records.push_back(std::move(record));
    return true;
  });
}

Parsed<std::vector<OpenedClip>> read_opened_clips(const std::string& path) {
  auto text = read_whole_file(path, kOpenedBytesMax);
  if (!text) return tl::unexpected<InputError>(text.error());
  std::vector<OpenedClip> clips;
  auto done = for_each_line(path, *text, [&](const json& line, int /*number*/) {
    if (line.contains("clip")) clips.push_back({line.at("clip"), line.at("chunks")});
    return true;
  });
  if (!done) return tl::unexpected<InputError>(done.error());
  return clips;
}

Parsed<Done> read_opened(const std::string& path, std::vector<OpenedRecord>& records) {
  auto text = read_whole_file(path, kOpenedBytesMax);
  if (!text) return tl::unexpected<InputError>(text.error());
  return parse_opened(path, *text, records);
}

std::string canonical_json(const std::string& text) {
  try {
    return json::parse(text).dump();
  } catch (const json::exception&) {
    return text;
  }
}

}  // namespace sudare::sim
