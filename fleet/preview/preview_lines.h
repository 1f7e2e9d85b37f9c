// The NDJSON of `sudare minimize` (docs/design.md, section 3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fleet/preview/preview.h"
#include "fleet/preview/preview_keys.h"

namespace sudare {

struct PreviewLinesOptions {
  std::string policy_file;       // for "rule"
  bool explain = false;          // also what is not released, and why
  bool real_pseudonyms = false;  // else "preview"
};

// Lines in, lines out; keeps references to all but `options`. Rules keep their state from line to
// line. Not thread-safe.
class PreviewLines {
 public:
  PreviewLines(const Policy& policy, PreviewKeys& keys, PreviewLinesOptions options);

  // Appends a line per purpose that gets something:
  // {"purpose","pseudonym","topic","time_ms","payload"|"payload_base64"}, and with `explain`
  // {"topic","time_ms","purpose","fate","reason","rule"} for the others; purpose and rule are null
  // where no rule names the topic. Errors of parse_sample_line; kMalformed for a JSON value on a
  // topic whose payload is Protobuf.
  Status append(std::string_view line, std::string& out);
  // The end of the input: what is held back then will never leave. A line each with `explain`, with
  // null for topic and time: only totals are known of what waits.
  void append_end(std::string& out);

 private:
  void append_released(const PreviewRow& row, std::string& out) const;
  void append_rows(const std::vector<PreviewRow>& rows, const std::string& topic,
                   const std::string& time_ms, std::string& out) const;
  // `topic` and `time_ms` as JSON.
  void append_fate(const std::string& topic, const std::string& time_ms, const PreviewRow& row,
                   std::string& out) const;

  const Policy& policy_;
  PreviewKeys& keys_;
  PreviewLinesOptions options_;
  Preview preview_;
};

}  // namespace sudare
