// A line of the relink authority's log, written and taken apart (docs/formats.md). Not here: files
// (use_log.h), and whether a line follows the one before (use_log_reader.cc).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crypto/hkdf.h"
#include "fleet/authority/use_log.h"

namespace sudare {

inline constexpr std::size_t kLogHashCharacters = 2 * kSha256Bytes;

// With its line feed; `hash`: the line's own.
[[nodiscard]] std::string use_line(const nlohmann::ordered_json& body, const UseLogKey& key,
                                   std::string& hash);

struct UseLineParts {
  std::string_view body;  // the JSON object without its closing brace
  std::string_view mac;
  std::string_view before_hash;  // what the hash is of
  std::string_view hash;
};

// `line` without its line feed. False: not a line of a log. Says nothing about its hash or MAC.
[[nodiscard]] bool split_use_line(std::string_view line, UseLineParts& parts);
[[nodiscard]] std::string use_line_hash(std::string_view before_hash);

// Before the first line.
[[nodiscard]] LogHead start_of_log();
// FILE.head; nothing where it is missing.
[[nodiscard]] Result<std::optional<LogHead>> read_log_head(const std::string& file);

// A line of a hundred uses a day for a thousand years.
inline constexpr std::size_t kLogBytesMax = std::size_t{1} << 30;

}  // namespace sudare
