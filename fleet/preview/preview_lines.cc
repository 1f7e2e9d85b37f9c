#include "fleet/preview/preview_lines.h"

#include <utility>
#include <vector>

#include "fleet/cli/console.h"
#include "fleet/preview/sample_line.h"

namespace sudare {
PreviewLines::PreviewLines(const Policy& policy, PreviewKeys& keys, PreviewLinesOptions options)
    : policy_(policy), keys_(keys), options_(std::move(options)), preview_(policy, keys) {}

Status PreviewLines::append(std::string_view line, std::string& out) {
  TRY(SampleLine sample, parse_sample_line(line));
  const SourcePlan* const source = find_source(policy_, sample.topic);
  if (sample.json && source != nullptr && source->codec == Codec::kProtobuf) {
    return fail(ErrorCode::kMalformed, "this topic carries Protobuf: give payload_base64");
  }
  keys_.use_time(sample.time_ms);
  const std::vector<PreviewRow> rows =
      preview_.run(sample.topic, std::move(sample.payload), sample.time_ms);
  append_rows(rows, cli::json_text(sample.topic), std::to_string(sample.time_ms), out);
  return Done{};
}

void PreviewLines::append_end(std::string& out) {
  append_rows(preview_.end(), "null", "null", out);
}

void PreviewLines::append_rows(const std::vector<PreviewRow>& rows, const std::string& topic,
                               const std::string& time_ms, std::string& out) const {
  for (const PreviewRow& row : rows) {
    if (row.has_purpose && row.fate == Fate::kQueued) {
      append_released(row, out);
    } else if (options_.explain) {
      if (row.waited) append_fate("null", "null", row, out);
      else append_fate(topic, time_ms, row, out);
    }
  }
}

void PreviewLines::append_released(const PreviewRow& row, std::string& out) const {
  const PurposePlan& purpose = policy_.purposes[row.purpose];
  std::string pseudonym = "null";
  if (purpose.pseudonym != PseudonymKind::kNone) {
    pseudonym =
        options_.real_pseudonyms ? cli::json_text(keys_.pseudonym(row.purpose)) : "\"preview\"";
  }
  out += "{\"purpose\":" + cli::json_text(purpose.name) + ",\"pseudonym\":" + pseudonym +
         ",\"topic\":" + cli::json_text(row.content.topic) +
         ",\"time_ms\":" + std::to_string(row.content.time_ms);
  if (row.content.codec == Codec::kJson) {
    out += ",\"payload\":" + row.content.payload + "}\n";
  } else {
    out += ",\"payload_base64\":\"" + cli::base64(row.content.payload) + "\"}\n";
  }
}

void PreviewLines::append_fate(const std::string& topic, const std::string& time_ms,
                               const PreviewRow& row, std::string& out) const {
  const std::string purpose =
      row.has_purpose ? cli::json_text(policy_.purposes[row.purpose].name) : "null";
  const std::string rule =
      row.policy_line > 0
          ? cli::json_text(options_.policy_file + ":" + std::to_string(row.policy_line))
          : "null";
  out += "{\"topic\":" + topic + ",\"time_ms\":" + time_ms + ",\"purpose\":" + purpose +
         ",\"fate\":" + cli::json_text(literal_of(row.fate).view()) +
         ",\"reason\":" + cli::json_text(literal_of(row.reason).view()) + ",\"rule\":" + rule +
         "}\n";
}

}  // namespace sudare
