#include "sim/demo/evaluate.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "gateway/policy/load.h"
#include "sim/compare/expected.h"
#include "sim/compare/leaks.h"
#include "sim/demo/example.h"

namespace sudare::sim {

namespace {

namespace fs = std::filesystem;

// As the gateway's configuration leaves it.
constexpr const char* kConsentTopic = "vehicle/consent";

ScanFigures scan(const AuditInputs& inputs, const std::vector<fs::path>& paths) {
  Auditor auditor(inputs);
  for (const fs::path& path : paths) {
    auditor.scan_path(path, [](const AuditFinding& /*finding*/) {});
  }
  const AuditReport report = auditor.report();
  return {report.found_identifiers, report.found_positions, report.bytes};
}

// A position from the middle of the way, of which something was opened.
void pick_example(const Evidence& evidence, const std::vector<OpenedRecord>& opened,
                  DemoResult& result) {
  std::vector<ExpectedRecord> candidates;
  for (ExpectedRecord& expected :
       expected_records(evidence.truth, *evidence.policy, kConsentTopic)) {
    const auto same = [&](const OpenedRecord& record) {
      return record.purpose == expected.purpose && record.payload == expected.payload;
    };
    if (expected.topic != "vehicle/position") continue;
    if (std::any_of(opened.begin(), opened.end(), same)) candidates.push_back(std::move(expected));
  }
  if (candidates.empty()) return;
  const ExpectedRecord& shown = candidates[candidates.size() / 2];
  const auto& messages = evidence.truth.messages;
  const auto message =
      std::find_if(messages.begin(), messages.end(),
                   [&](const TruthMessage& sent) { return sent.sequence == shown.sequence; });
  const std::string& type = find_source(*evidence.policy, message->topic)->message_type;
  result.before = message->topic + "  " + payload_text(type, message->payload);
  result.after = shown.purpose + ": " + shown.topic + "  " + payload_text(type, shown.payload);
}

// A line for each clip stands among the opened records.
Parsed<Done> evaluate_clips(const Workplace& place, const AuditInputs& planted,
                            DemoResult& result) {
  ClipFigures& clips = result.clips;
  if (clips.purpose.empty()) return Done{};
  const fs::path opened = place.in("opened") / (clips.purpose + ".ndjson");
  if (fs::exists(opened)) {
    const auto lines = read_opened_clips(opened);
    if (!lines) return tl::unexpected<InputError>(lines.error());
    clips.opened = lines->size();
    for (const OpenedClip& clip : *lines) clips.pieces += clip.chunks;
  }
  clips.recorder = scan(planted, {place.in("recorder")});
  const fs::path whole = place.in("opened") / (clips.purpose + ".clips");
  if (fs::exists(whole)) clips.recipient = scan(planted, {whole});
  return Done{};
}

}  // namespace

Parsed<Evidence> read_evidence(const Workplace& place) {
  Evidence evidence;
  auto truth = read_truth(place.in("truth.ndjson"));
  if (!truth) return tl::unexpected<InputError>(truth.error());
  evidence.truth = *std::move(truth);
  const SchemaSet schemas;
  evidence.policy = load_policy_file(place.in("policy.textproto"), schemas, nullptr).policy;
  if (evidence.policy == nullptr) return input_error({}, 0, "the policy can't be read again");
  evidence.subscribed = static_cast<std::uint64_t>(std::count_if(
      evidence.truth.messages.begin(), evidence.truth.messages.end(), [&](const TruthMessage& m) {
        return m.retained || find_source(*evidence.policy, m.topic) != nullptr;
      }));
  return evidence;
}

Parsed<Done> evaluate(const Workplace& place, const Evidence& evidence, DemoResult& result) {
  std::vector<OpenedRecord> opened;
  for (const std::string& purpose : place.purposes()) {
    const fs::path file = place.in("opened") / (purpose + ".ndjson");
    if (!fs::exists(file)) continue;
    if (auto read = read_opened(file, opened); !read) return read;
  }
  result.comparison = compare(evidence.truth, opened, *evidence.policy, kConsentTopic);
  for (const TruthMessage& message : evidence.truth.messages) {
    const SourcePlan* source = find_source(*evidence.policy, message.topic);
    if (source == nullptr || message.retained) continue;
    if (source->releases.empty()) ++result.account[""].sent;
    for (const ReleasePlan& release : source->releases) {
      ++result.account[evidence.policy->purposes[release.purpose].name].sent;
    }
  }
  const AuditInputs planted = planted_in(evidence.truth);
  result.planted_identifiers = planted.identifiers.size();
  result.planted_positions = planted.positions.size();
  result.vehicle_broker = scan(planted, {place.in("vehicle-broker-traffic")});
  result.cloud_broker = scan(planted, {place.in("cloud-broker-traffic"), place.in("cloud-broker")});
  result.unit =
      scan(planted, {place.in("state"), place.in("state-copies"), place.in("gateway.log")});
  pick_example(evidence, opened, result);
  return evaluate_clips(place, planted, result);
}

}  // namespace sudare::sim
