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
  for (const PreviewRow& row : rows) {
    if (row.has_purpose && row.fate == Fate::kQueued) {
      append_released(row, out);
    } else if (options_.explain) {
      append_fate(sample.topic, sample.time_ms, row, out);
    }
  }
  return Done{};
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

void PreviewLines::append_fate(const std::string& topic, std::int64_t time_ms,
                               const PreviewRow& row, std::string& out) const {
  const std::string purpose =
      row.has_purpose ? cli::json_text(policy_.purposes[row.purpose].name) : "null";
  const std::string rule =
      row.policy_line > 0
          ? cli::json_text(options_.policy_file + ":" + std::to_string(row.policy_line))
          : "null";
  out += "{\"topic\":" + cli::json_text(topic) + ",\"time_ms\":" + std::to_string(time_ms) +
         ",\"purpose\":" + purpose + ",\"fate\":" + cli::json_text(literal_of(row.fate).view()) +
         ",\"reason\":" + cli::json_text(literal_of(row.reason).view()) + ",\"rule\":" + rule +
         "}\n";
}

}  // namespace sudare
