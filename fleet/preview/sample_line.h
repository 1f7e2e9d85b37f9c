// The lines that `sudare minimize` and `policy explain` read (docs/design.md, section 3):
// {"topic": "...", "time_ms": 1700000000000, "payload": <JSON value>}, or with "payload_base64".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare {

struct SampleLine {
  std::string topic;
  std::int64_t time_ms = 0;
  std::string payload;  // bytes; a JSON value as it was written, white space and digits included
  bool json = false;    // it was given as a JSON value
};

// Pure; any thread. kMalformed: not one JSON object, a member missing, twice or of another type,
// base64 that is none, or a time before 1970 or after 9999; kTooDeep. Members that are not known
// are left out.
Result<SampleLine> parse_sample_line(std::string_view line);

}  // namespace sudare
