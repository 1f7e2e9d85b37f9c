// The opened output of `sudare open`, as the comparison reads it: NDJSON, one record a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace sudare::sim {

struct OpenedRecord {
  std::string purpose;
  std::string topic;
  std::int64_t time_ms = 0;
  std::string payload;  // bytes; a JSON payload in nlohmann's canonical form
  bool json = false;
  std::string verified;  // "member", "self", "none"
  std::string file;      // where it was read
  int line = 0;
};

// A drive-recorder clip that is whole.
struct OpenedClip {
  std::string file;  // below the directory that `sudare open -o` was given
  std::uint64_t chunks = 0;
};

// Appends the records of a file to `records`; clips are left out.
[[nodiscard]] Parsed<Done> read_opened(const std::string& path, std::vector<OpenedRecord>& records);
[[nodiscard]] Parsed<Done> parse_opened(const std::string& file, std::string_view text,
                                        std::vector<OpenedRecord>& records);

// The clips of a file; records are left out.
[[nodiscard]] Parsed<std::vector<OpenedClip>> read_opened_clips(const std::string& path);

// The form in which JSON payloads are compared; the text itself where it is no JSON.
[[nodiscard]] std::string canonical_json(const std::string& text);

}  // namespace sudare::sim
